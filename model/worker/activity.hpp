#pragma once

#include "ipc/worker_protocol.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace embedd::model {

// What the worker is doing, as its heart-beat tells it. From any thread.
class Activity {
public:
    // A batch that runs as long as this lives.
    class Running {
    public:
        Running(Activity& activity, std::uint64_t batch);
        ~Running();
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

    private:
        Activity& activity_;
        std::uint64_t batch_;
    };

    void enter(std::string step);
    [[nodiscard]] std::string step() const;
    [[nodiscard]] std::vector<ipc::RunningBatch> running() const;

    // Blocks until no batch runs.
    void wait_until_idle();

private:
    using Clock = std::chrono::steady_clock;

    mutable std::mutex mutex_;
    std::condition_variable idle_;
    std::string step_;
    std::map<std::uint64_t, Clock::time_point> running_;
};

} // namespace embedd::model
