#include "model/worker/heart_beat.hpp"

#include "model/worker/resident.hpp"

#include <chrono>
#include <utility>

#include <pthread.h>

namespace embedd::model {

namespace {

constexpr std::chrono::milliseconds interval{250};

} // namespace

HeartBeat::HeartBeat(Channel& channel, const Activity& activity) : channel_(channel), activity_(activity)
{
    beat(); // the first before anything else can take long
    thread_ = std::jthread([this] { run(); });
}

void HeartBeat::memory(std::function<ipc::ReplicaMemory()> use)
{
    const std::scoped_lock lock(mutex_);
    memory_ = std::move(use);
}

void HeartBeat::device(std::function<ipc::DeviceStatus()> figures)
{
    const std::scoped_lock lock(mutex_);
    device_ = std::move(figures);
}

void HeartBeat::run()
{
    ::pthread_setname_np(::pthread_self(), "heart-beat");
    while (true) {
        channel_.watch(interval);
        beat();
    }
}

void HeartBeat::beat()
{
    ipc::HeartBeat message{
        .running = activity_.running(), .step = activity_.step(), .memory = {}, .device = {}};
    {
        const std::scoped_lock lock(mutex_);
        if (memory_)
            message.memory = memory_();
        if (device_)
            message.device = device_();
    }
    message.memory.rss_bytes = resident_bytes();
    channel_.send(message);
}

} // namespace embedd::model
