#pragma once

#include "bench/texts.hpp"
#include "ipc/histogram.hpp"
#include "ipc/request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace embedd::bench {

// One kind of client in a closed loop: what it sends, over how many connections, how impatiently.
struct Traffic {
    std::vector<ipc::EmbedRequest> requests; // in turn, and again from the front
    std::size_t connections = 1;
    std::size_t in_flight = 1; // of a connection; not above the number of requests
    ipc::Priority priority = ipc::Priority::interactive;
    std::chrono::milliseconds pause{0}; // of a connection, after an answer
};

struct Answered {
    std::chrono::steady_clock::time_point at;
    std::uint64_t tokens = 0;
};

struct TrafficResult {
    std::vector<Answered> answers; // in the order they came
    ipc::Histogram latency;        // from the first byte sent to the whole answer read
    std::uint64_t failed = 0;
    std::string first_error;
};

// So many requests of so many texts each.
[[nodiscard]] std::vector<ipc::EmbedRequest> draw_requests(Texts texts, std::size_t requests,
                                                           std::size_t texts_each);

// Clients of one kind, from construction to finish(), on a thread and an event loop of their own: a heavy
// kind does not slow the clock of a light one. Requests are encoded before the first is sent. A refused
// request counts as failed, and its connection waits as long as the daemon asks it to; a connection that
// breaks counts as failed once and ends.
class RunningTraffic {
public:
    RunningTraffic(const std::filesystem::path& socket, const Traffic& traffic);
    ~RunningTraffic();
    RunningTraffic(const RunningTraffic&) = delete;
    RunningTraffic& operator=(const RunningTraffic&) = delete;

    // Gives up what is under way and hangs up. To be called once.
    [[nodiscard]] TrafficResult finish();

private:
    class Crowd;
    std::unique_ptr<Crowd> crowd_;
};

// Alone for so long.
[[nodiscard]] TrafficResult run_traffic(const std::filesystem::path& socket, const Traffic& traffic,
                                        std::chrono::milliseconds time);

// The same, where nothing failed. Throws std::runtime_error with the first error where something did.
[[nodiscard]] TrafficResult all_answered(TrafficResult result);

// A span of time that answers are counted in.
struct Window {
    std::chrono::steady_clock::time_point from, to;
};

[[nodiscard]] std::uint64_t tokens_within(std::span<const Answered> answers, const Window&);
[[nodiscard]] double tokens_per_second(std::span<const Answered> answers, const Window&);

} // namespace embedd::bench
