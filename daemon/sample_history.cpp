#include "daemon/sample_history.hpp"

#include <algorithm>
#include <utility>

namespace embedd::daemon {

namespace {
constexpr std::size_t forgotten_at_a_time = 60;
}

void SampleHistory::keep(ipc::Sample sample, Clock::time_point now)
{
    next_ += interval;
    if (next_ <= now)
        next_ = now + interval; // the first one, or some were missed
    if (samples_.size() == kept + forgotten_at_a_time)
        samples_.erase(samples_.begin(), samples_.begin() + forgotten_at_a_time);
    samples_.push_back(std::move(sample));
}

std::span<const ipc::Sample> SampleHistory::samples() const
{
    return std::span(samples_).last(std::min(samples_.size(), kept));
}

} // namespace embedd::daemon
