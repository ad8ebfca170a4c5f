#pragma once

#include "daemon/failure.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/log.hpp"
#include "daemon/notify.hpp"
#include "daemon/options.hpp"

namespace embedd::daemon {

// Serves until a signal ends it or it cannot go on. Call once, on the main thread.
[[nodiscard]] ExitCode serve(const Options&, Notify, Log&, Clock::time_point exec);

} // namespace embedd::daemon
