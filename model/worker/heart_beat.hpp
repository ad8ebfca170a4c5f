#pragma once

#include "ipc/status.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/channel.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace embedd::model {

// Tells the daemon every 250 ms that the process lives and what it does, whatever the lanes do, and ends the
// process when the daemon hangs up while nobody reads. Runs until the process ends.
class HeartBeat {
public:
    HeartBeat(Channel& channel, const Activity& activity);

    void weights(std::uint64_t bytes) { weights_bytes_ = bytes; }

    // From here on beats carry what it tells of the device. Called on the beat's thread as long as the
    // process lives, so it may never wait: DeviceFigures::latest.
    void device(std::function<ipc::DeviceStatus()> figures);

private:
    void run();
    void beat();

    Channel& channel_;
    const Activity& activity_;
    std::atomic<std::uint64_t> weights_bytes_ = 0;
    std::mutex mutex_;
    std::function<ipc::DeviceStatus()> device_; // guarded by mutex_
    std::jthread thread_;                       // last: it uses all of the above
};

} // namespace embedd::model
