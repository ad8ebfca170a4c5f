#pragma once

#include "bench/watched_window.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace embedd::bench {

// All windows of one kind together.
struct ConsoleCost {
    Watchers watchers = Watchers::none;
    bool loaded = false;
    double daemon_core = 0; // the median window's
    std::optional<double> tokens_per_second;
    std::optional<double> ratio; // of them to those without consoles: the median of the rounds

    // With consoles only.
    struct Use {
        std::uint64_t consoles = 0; // in a window
        double core = 0, most_core = 0;
        double bytes_per_second = 0;
        ProcessMemory memory;                        // the largest
        std::chrono::microseconds longest_silence{}; // of any
        double added_daemon_core = 0;                // by each; may be below zero
    };
    std::optional<Use> use;
};

// Kinds in the order of their first windows. The windows of a kind are its rounds, in their order.
[[nodiscard]] std::vector<ConsoleCost> summarize(std::span<const WatchedWindow>);

struct ConsoleBars {
    double core = 0.01;  // of one core's time, of a console
    double ratio = 0.97; // of the throughput is kept, at least
};

// A sentence for each bar that was missed. What was not measured cannot be kept.
[[nodiscard]] std::vector<std::string> missed_bars(std::span<const ConsoleCost>, const ConsoleBars&);

} // namespace embedd::bench
