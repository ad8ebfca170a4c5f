#pragma once

#include "model/worker/activity.hpp"
#include "model/worker/channel.hpp"

#include <atomic>
#include <cstdint>
#include <thread>

namespace embedd::model {

// Tells the daemon every 250 ms that the process lives and what it does, whatever the lanes do, and ends the
// process when the daemon hangs up while nobody reads. Runs until the process ends.
class HeartBeat {
public:
    HeartBeat(Channel& channel, const Activity& activity);

    void weights(std::uint64_t bytes) { weights_bytes_ = bytes; }

private:
    void run();
    void beat();

    Channel& channel_;
    const Activity& activity_;
    std::atomic<std::uint64_t> weights_bytes_ = 0;
    std::jthread thread_; // last: it uses all of the above
};

} // namespace embedd::model
