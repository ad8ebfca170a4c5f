#include "daemon/warm_up_report.hpp"

#include "daemon/host_memory.hpp"
#include "daemon/utc_time.hpp"

namespace embedd::daemon {

ipc::WarmUpReport report_of(const WarmUpOutcome& outcome)
{
    ipc::WarmUpReport report;
    report.started = utc_now();
    report.stable = outcome.stable;
    report.cells = outcome.cells;
    report.memory_before_bytes = outcome.memory_before_bytes;
    report.memory_after_bytes = outcome.memory_after_bytes;
    report.memory_available_bytes = available_memory();
    report.max_batch_tokens = outcome.max_batch_tokens;
    return report;
}

} // namespace embedd::daemon
