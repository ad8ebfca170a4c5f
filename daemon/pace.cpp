#include "daemon/pace.hpp"

#include <algorithm>
#include <cmath>

namespace embedd::daemon {

void Pace::record(double device_us, std::chrono::microseconds in_lane)
{
    constexpr double weight = 0.1;
    const double speed = device_us / static_cast<double>(std::max<std::int64_t>(in_lane.count(), 1));
    speed_ = speed_ == 0 ? speed : speed_ + weight * (speed - speed_);
}

double Pace::device_time(std::chrono::microseconds span, std::uint64_t lanes) const
{
    return static_cast<double>(span.count()) * speed_ * static_cast<double>(lanes);
}

std::chrono::milliseconds Pace::time_for(double device_us, std::uint64_t lanes) const
{
    using std::chrono::milliseconds;
    if (!known() || lanes == 0)
        return milliseconds(1000);
    constexpr double least = 10, most = 60'000;
    const double ms = device_us / (speed_ * static_cast<double>(lanes)) / 1000;
    return milliseconds(static_cast<std::int64_t>(std::ceil(std::clamp(ms, least, most))));
}

} // namespace embedd::daemon
