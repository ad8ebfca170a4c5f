#pragma once

#include <chrono>
#include <cstdint>

namespace embedd::daemon {

// How fast lanes work, measured against what batches are calibrated to take: what "in time" and "come back
// later" are computed from.
class Pace {
public:
    void record(double device_us, std::chrono::microseconds in_lane);

    [[nodiscard]] bool known() const noexcept { return speed_ > 0; }

    // Calibrated device time, in µs, that so many lanes get done within a span.
    [[nodiscard]] double device_time(std::chrono::microseconds span, std::uint64_t lanes) const;

    // Until so much is worked off by so many lanes; a plain guess before the first batch or without lanes.
    // Between 10 ms and one minute.
    [[nodiscard]] std::chrono::milliseconds time_for(double device_us, std::uint64_t lanes) const;

private:
    double speed_ = 0; // of one lane: 1 as calibrated, the last batches weighing most
};

} // namespace embedd::daemon
