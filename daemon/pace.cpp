#include "daemon/pace.hpp"

#include <algorithm>
#include <cmath>

namespace embedd::daemon {

void Pace::record(std::uint64_t tokens, std::chrono::microseconds in_lane)
{
    constexpr double weight = 0.1;
    const double rate =
        static_cast<double>(tokens) / static_cast<double>(std::max<std::int64_t>(in_lane.count(), 1));
    tokens_per_us_ = tokens_per_us_ == 0 ? rate : tokens_per_us_ + weight * (rate - tokens_per_us_);
}

std::chrono::milliseconds Pace::time_for(std::uint64_t tokens, std::uint64_t lanes) const
{
    using std::chrono::milliseconds;
    if (tokens_per_us_ == 0 || lanes == 0)
        return milliseconds(1000);
    const double us = static_cast<double>(tokens) / (tokens_per_us_ * static_cast<double>(lanes));
    return std::clamp(milliseconds(static_cast<std::int64_t>(std::ceil(us / 1000))), milliseconds(10),
                      milliseconds(60'000));
}

} // namespace embedd::daemon
