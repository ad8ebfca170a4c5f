#pragma once

#include "bench/process_memory.hpp"
#include "bench/texts.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace embedd::bench {

// Who watches the daemon during a window. Burdens: two more consoles at the shortest interval, one of them
// stopped and one on a terminal that nobody reads.
enum class Watchers : std::uint8_t { none, consoles, burdens_too };

// What one console used in a window.
struct ConsoleUse {
    double core = 0; // share of one core's time
    ProcessMemory memory;
    double bytes_per_second = 0; // written to its terminal
    std::chrono::microseconds longest_silence{};
};

struct WatchedWindow {
    Watchers watchers = Watchers::none;
    bool loaded = false;
    double tokens_per_second = 0;     // of the load
    double daemon_core = 0;           // share of one core's time
    std::vector<ConsoleUse> consoles; // without the burdens
};

struct WatchOptions {
    std::filesystem::path socket;
    pid_t daemon = -1;
    std::string console; // the program
    std::uint64_t consoles = 4;
    std::chrono::milliseconds interval{1000};
    std::chrono::milliseconds time{10'000}; // of each window
    std::uint64_t rounds = 3;
    std::size_t clients = 64; // with one request each
    TextKind texts = TextKind::short_;
};

// Windows without load, then with load: without consoles and with them by turns, and under load with the
// burdens too. The load goes on through all of its windows. Throws std::runtime_error when the daemon, the
// load or a console fails.
using WatchProgress = std::function<void(const std::string& step)>;
[[nodiscard]] std::vector<WatchedWindow> watch_windows(const WatchOptions&, const WatchProgress&);

} // namespace embedd::bench
