#pragma once

#include "model/network.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/channel.hpp"
#include "model/worker/turns.hpp"
#include "model/worker/warm_up.hpp"
#include "model/worker/warmth.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace embedd::model {

struct LaneLimits {
    std::size_t lanes = 1;
    std::int64_t longest_input = 0;
    std::int64_t vocabulary = 0;
};

// The threads that compute batches, each one alone.
//
// They take turns at reading the channel (leader and followers): the one that read a batch lets the next one
// read, computes and answers, so that no batch changes threads.
class Lanes {
public:
    Lanes(Channel& channel, Activity& activity, const Network& network, Warmth& warmth, LaneLimits limits);

    // Uses the calling thread as the first lane. Returns never: the process ends from within.
    [[noreturn]] void run();

private:
    class AllLanes;
    class OneLane;

    void start(std::size_t lane); // a thread's life as a lane
    void serve();
    void serve_amid_warm_up();
    void compute(const ipc::RunBatch& request, std::span<const std::byte> payload);
    void warm_up_together(const ipc::WarmUp& request);
    void warm_up_alone(const ipc::WarmUp& request);
    void warm_up_with(Crew& crew, const ipc::WarmUp& request, Calibration calibration);
    [[noreturn]] void stop();

    Channel& channel_;
    Activity& activity_;
    const Network& network_;
    Warmth& warmth_;
    LaneLimits limits_;
    Turns turns_;
    std::atomic<bool> warming_ = false;
};

} // namespace embedd::model
