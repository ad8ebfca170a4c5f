#include "bench/process_memory.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>

namespace embedd::bench {

namespace {

constexpr std::chrono::milliseconds between_looks{100};

} // namespace

ProcessMemory ProcessMemory::peak(const ProcessMemory& other) const
{
    return {.resident_bytes = std::max(resident_bytes, other.resident_bytes),
            .proportional_bytes = std::max(proportional_bytes, other.proportional_bytes)};
}

ProcessMemory memory_of(pid_t pid)
{
    const auto path = "/proc/" + std::to_string(pid) + "/smaps_rollup";
    std::ifstream file{path};
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n'); // the addresses
    ProcessMemory memory;
    std::string field, unit;
    for (std::uint64_t kilobytes = 0; file >> field >> kilobytes >> unit;) {
        if (field == "Rss:")
            memory.resident_bytes = kilobytes << 10;
        else if (field == "Pss:")
            memory.proportional_bytes = kilobytes << 10;
    }
    if (memory.resident_bytes == 0)
        throw std::runtime_error("no memory of a process can be read from " + path);
    return memory;
}

MemoryWatch::MemoryWatch(pid_t pid)
    : pid_(pid), peak_(memory_of(pid)), thread_([this](const std::stop_token& stop) { watch(stop); })
{
}

ProcessMemory MemoryWatch::peak()
{
    thread_.request_stop();
    thread_.join();
    return peak_.peak(memory_of(pid_));
}

void MemoryWatch::watch(const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock{mutex};
    while (!woken.wait_for(lock, stop, between_looks, [&stop] { return stop.stop_requested(); })) {
        try {
            peak_ = peak_.peak(memory_of(pid_));
        } catch (const std::runtime_error&) {
            return; // gone, as peak() will tell
        }
    }
}

} // namespace embedd::bench
