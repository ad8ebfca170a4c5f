#pragma once

#include "daemon/lifecycle.hpp"
#include "ipc/sample.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

namespace embedd::daemon {

// The last ten minutes, a sample a second, for viewers that come later. A value driven by the clock.
class SampleHistory {
public:
    static constexpr std::chrono::seconds interval{1};
    static constexpr std::size_t kept = 600;

    // Looked at more often or more seldom than each interval: one sample an interval all the same, or one for
    // several.
    [[nodiscard]] bool due(Clock::time_point now) const { return now >= next_; }
    void keep(ipc::Sample, Clock::time_point now);

    [[nodiscard]] std::span<const ipc::Sample> samples() const; // oldest first, until the next one is kept

private:
    std::vector<ipc::Sample> samples_; // and a few older ones, so that they need not move with each new one
    Clock::time_point next_{};
};

} // namespace embedd::daemon
