#pragma once

#include <sys/types.h>

#include <cstdint>
#include <stop_token>
#include <thread>

namespace embedd::bench {

struct ProcessMemory {
    std::uint64_t resident_bytes = 0;
    std::uint64_t proportional_bytes = 0; // shared pages by their share

    // The larger of each.
    [[nodiscard]] ProcessMemory peak(const ProcessMemory& other) const;
};

// From /proc/PID/smaps_rollup. Throws std::runtime_error where that cannot be read.
[[nodiscard]] ProcessMemory memory_of(pid_t pid);

// Looks at a process's memory ten times a second, on a thread of its own, until it is asked for the peak.
class MemoryWatch {
public:
    explicit MemoryWatch(pid_t pid);

    // Ends the watch. Throws std::runtime_error when the process was gone.
    [[nodiscard]] ProcessMemory peak();

private:
    void watch(const std::stop_token& stop);

    pid_t pid_;
    ProcessMemory peak_; // the thread's, until it has ended
    std::jthread thread_;
};

} // namespace embedd::bench
