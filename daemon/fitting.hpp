#pragma once

#include "daemon/options.hpp"

#include <cstddef>

namespace embedd::daemon {

class Log;

// The options with the limits lowered that cannot hold where so many descriptors may be open at a time: a
// warning says which. Some descriptors are kept for ourselves and for the workers.
[[nodiscard]] Options fitting(Options, std::size_t descriptors, Log&);

} // namespace embedd::daemon
