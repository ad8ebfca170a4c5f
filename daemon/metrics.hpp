#pragma once

#include "daemon/lateness.hpp"
#include "ipc/error.hpp"
#include "ipc/histogram.hpp"
#include "ipc/reply.hpp"
#include "ipc/sample.hpp"
#include "ipc/status.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::daemon {

// What was answered, how fast, and what went wrong. Counts only grow. Event loop's thread only.
class Metrics {
public:
    // A stage that did not take place (`queue` of tokenize) is left out. What was computed in a cold batch is
    // kept apart, as stages "forward_cold" and "total_cold", so that the warm ones show what service is like.
    void answered(std::string_view task, const ipc::Timing&, std::uint64_t inputs, std::uint64_t tokens,
                  bool cold);
    void refused(ipc::ErrorType);
    void cancelled();
    void cold_hit(ipc::ColdHit);
    void second_ended(); // once a second: what is late from now on is measured by the answers until now

    [[nodiscard]] ipc::Counters counters() const { return counters_; }
    [[nodiscard]] const ipc::ColdHits& cold_hits() const { return cold_hits_; }
    [[nodiscard]] std::map<std::string, std::map<std::string, ipc::LatencyStatus>> latency() const;
    [[nodiscard]] ipc::LateRequests late() const; // of all tasks; those of cold batches are left out
    // By stage, of all tasks: answers of each of ipc::Sample's classes.
    [[nodiscard]] std::map<std::string, std::vector<std::uint64_t>> latency_classes() const;

private:
    struct Latency {
        ipc::Histogram exact;
        std::array<std::uint64_t, ipc::Sample::classes> by_class{};
    };
    struct Task {
        std::map<std::string, Latency, std::less<>> stages;
        Lateness lateness;
    };

    ipc::Counters counters_;
    ipc::ColdHits cold_hits_;
    std::map<std::string, Task, std::less<>> tasks_;
};

} // namespace embedd::daemon
