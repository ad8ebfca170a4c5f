#pragma once

#include "ipc/status.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/channel.hpp"

#include <functional>
#include <mutex>
#include <thread>

namespace embedd::model {

// Tells the daemon every 250 ms that the process lives and what it does, whatever the lanes do, and ends the
// process when the daemon hangs up while nobody reads. Runs until the process ends.
class HeartBeat {
public:
    HeartBeat(Channel& channel, const Activity& activity);

    // From here on beats carry what these tell of the model's memory, and of the device. Called on the beat's
    // thread as long as the process lives, so they may never wait: DeviceFigures::latest.
    void memory(std::function<ipc::ReplicaMemory()> use);
    void device(std::function<ipc::DeviceStatus()> figures);

private:
    void run();
    void beat();

    Channel& channel_;
    const Activity& activity_;
    std::mutex mutex_;
    std::function<ipc::ReplicaMemory()> memory_; // guarded by mutex_, as the next one
    std::function<ipc::DeviceStatus()> device_;
    std::jthread thread_; // last: it uses all of the above
};

} // namespace embedd::model
