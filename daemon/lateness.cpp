#include "daemon/lateness.hpp"

#include <chrono>

namespace embedd::daemon {

void Lateness::answered(const ipc::Timing& timing) noexcept
{
    seconds_.record(std::chrono::microseconds(timing.total_us));
    if (timing.total_us <= above_us_)
        return;
    ++late_.requests;
    late_.tokenize_us += timing.tokenize_us;
    late_.queue_us += timing.queue_us;
    late_.forward_us += timing.forward_us;
    late_.serialize_us += timing.serialize_us;
    late_.total_us += timing.total_us;
}

void Lateness::second_ended() noexcept
{
    if (seconds_.count() < enough)
        return;
    above_us_ = static_cast<std::uint64_t>(seconds_.quantile_bound(0.99)->count());
    seconds_ = {};
}

} // namespace embedd::daemon
