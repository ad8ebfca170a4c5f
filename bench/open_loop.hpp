#pragma once

#include "ipc/histogram.hpp"
#include "ipc/request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace embedd::bench {

// Requests sent when they are due, whatever became of those before. What the socket does not take is sent
// late: its buffer, and the daemon that no longer reads, are all that bounds the requests under way.
struct OpenLoopOptions {
    std::filesystem::path socket;
    std::vector<ipc::EmbedRequest> requests; // in turn, and again from the front
    double rate = 1;                         // requests a second, over all connections
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now(); // the first is due
    std::chrono::milliseconds time{60'000}; // nothing is sent after it
    std::size_t connections = 8;
    std::chrono::milliseconds timeout{1000}; // of each request, as it is told to the daemon
};

// What became of them. In time: the whole answer was read within the timeout of the first byte sent.
struct OpenLoopResult {
    std::uint64_t due = 0, sent = 0; // they differ by what the sockets did not take before the end
    std::uint64_t in_time = 0, late = 0;
    std::uint64_t overloaded = 0, overloaded_unhinted = 0; // the second of them without retry_after_ms
    std::uint64_t deadline_exceeded = 0;
    std::map<std::string, std::uint64_t> other; // by error type, or what broke
    std::uint64_t unanswered = 0;               // some seconds after the last one's timeout
    ipc::Histogram latency;                     // of the answered
    ipc::Histogram retry_after;                 // of the refused, as asked

    // All but those refused at once.
    [[nodiscard]] std::uint64_t accepted() const { return sent - overloaded; }
};

// Throws std::runtime_error when the daemon cannot be reached.
[[nodiscard]] OpenLoopResult run_open_loop(const OpenLoopOptions&);

} // namespace embedd::bench
