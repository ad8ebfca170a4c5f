#pragma once

#include "ipc/status.hpp"

#include <string>

namespace embedd::daemon {

// The state as Prometheus reads it (text format 0.0.4): base units, `embedd_` before every name, counters
// that only grow.
[[nodiscard]] std::string metrics_text(const ipc::Status&);

} // namespace embedd::daemon
