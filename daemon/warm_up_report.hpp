#pragma once

#include "daemon/warm_up_run.hpp"
#include "ipc/status.hpp"

namespace embedd::daemon {

// What the replicas' part of a warm-up came to; started now, its duration and result are the caller's to set.
[[nodiscard]] ipc::WarmUpReport report_of(const WarmUpOutcome&);

} // namespace embedd::daemon
