#pragma once

#include "bench/load.hpp"
#include "bench/ratio.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace embedd::bench {

struct RewarmOptions {
    LoadOptions load;        // its time is a window's
    std::uint64_t pairs = 3; // of windows: one without and one with a re-warm
};

struct RewarmTimes {
    LoadResult without, with; // all windows of a kind together
    Times rewarms;            // from the request to its report, each
};

// Closed-loop load in windows that alternate: one alone, one while re-warms go on, the next as soon as the
// last is done. A re-warm that outlasts its window is waited for before the next window begins. Throws
// std::runtime_error when a re-warm fails.
[[nodiscard]] RewarmTimes measure_rewarm(const RewarmOptions&);

struct RewarmSummary {
    std::optional<double> without_per_second, with_per_second; // tokens
    std::optional<double> ratio;                               // with ÷ without
    std::uint64_t failed = 0;
    std::optional<std::chrono::microseconds> added_p99; // may be below zero
    std::optional<std::chrono::microseconds> rewarm;    // the median one
};

[[nodiscard]] RewarmSummary summarize(const RewarmTimes&);

struct RewarmBars {
    double ratio = 0.9; // of the throughput is kept, at least
};

// A sentence for each bar that was missed: the ratio, and that no request fails.
[[nodiscard]] std::vector<std::string> missed_bars(const RewarmSummary&, const RewarmBars&);

} // namespace embedd::bench
