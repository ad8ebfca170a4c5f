#pragma once

#include <chrono>
#include <cstdint>

namespace embedd::daemon {

// How fast lanes work, measured: what "come back later" is computed from.
class Pace {
public:
    void record(std::uint64_t tokens, std::chrono::microseconds in_lane);

    // Until so many tokens are worked off by so many lanes; a plain guess before the first batch or without
    // lanes. Between 10 ms and one minute.
    [[nodiscard]] std::chrono::milliseconds time_for(std::uint64_t tokens, std::uint64_t lanes) const;

private:
    double tokens_per_us_ = 0; // of one lane, the last batches weighing most
};

} // namespace embedd::daemon
