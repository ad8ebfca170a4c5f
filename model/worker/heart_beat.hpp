#pragma once

#include "model/backend.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/channel.hpp"

#include <atomic>
#include <thread>

namespace embedd::model {

// Tells the daemon every 250 ms that the process lives and what it does, whatever the lanes do, and ends the
// process when the daemon hangs up while nobody reads. Runs until the process ends.
class HeartBeat {
public:
    HeartBeat(Channel& channel, const Activity& activity);

    // Tells this encoder's memory too, from now on. It lives as long as the process.
    void watch(const Encoder& encoder) { encoder_ = &encoder; }

private:
    void run();
    void beat();

    Channel& channel_;
    const Activity& activity_;
    std::atomic<const Encoder*> encoder_ = nullptr;
    std::jthread thread_; // last: it uses all of the above
};

} // namespace embedd::model
