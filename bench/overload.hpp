#pragma once

#include "bench/open_loop.hpp"
#include "bench/process_memory.hpp"
#include "bench/texts.hpp"
#include "bench/traffic.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace embedd::bench {

struct OverloadOptions {
    std::filesystem::path socket;
    pid_t daemon = 0;
    TextKind texts = TextKind::mixed;            // one in each request
    std::size_t clients = 64;                    // of the closed loop before and after
    std::chrono::milliseconds capacity{5'000};   // how long that is measured before
    double factor = 3;                           // of the capacity: what is sent
    std::chrono::milliseconds time{60'000};      // of the overload
    std::size_t connections = 8;                 // that it comes over
    std::chrono::milliseconds timeout{1'000};    // of each of its requests
    std::chrono::milliseconds afterwards{5'000}; // how long recovery is looked at
};

struct Overload {
    double capacity_requests = 0, capacity_tokens = 0; // a second, in a closed loop before
    OpenLoopResult load;
    ProcessMemory before, peak, after; // of the daemon
    std::uint64_t refused_after = 0;   // of the closed loop after the end
    std::vector<double> tokens_after;  // each second after the end, the closed loop as before
    std::optional<std::chrono::milliseconds> recovered; // after the end; nothing: not while it was looked at
};

using OverloadProgress = std::function<void(const std::string& step)>;

// Measures the capacity, sends so many times as much, and measures again from the moment the overload ends.
// Throws std::runtime_error when the daemon cannot be reached, is gone, or refuses a request while its
// capacity is measured.
[[nodiscard]] Overload measure_overload(const OverloadOptions&, const OverloadProgress& note);

// Recovery is over at the first moment, in steps of 100 ms, that is followed by a second with at least this
// share of the rate.
[[nodiscard]] std::optional<std::chrono::milliseconds>
recovery(std::span<const Answered> answers, const Window& window, double tokens_per_second, double share);

struct OverloadBars {
    double in_time = 0.99;                      // of the accepted
    std::chrono::milliseconds recovered{1'000}; // at the latest
    std::uint64_t grown_bytes = 512ULL << 20;   // peak above before, by resident size
};

// A sentence for each bar that was missed.
[[nodiscard]] std::vector<std::string> missed_bars(const Overload&, const OverloadBars&);

} // namespace embedd::bench
