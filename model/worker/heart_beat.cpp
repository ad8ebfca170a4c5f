#include "model/worker/heart_beat.hpp"

#include "model/worker/resident.hpp"

#include <chrono>

#include <pthread.h>

namespace embedd::model {

namespace {

constexpr std::chrono::milliseconds interval{250};

ipc::ReplicaMemory told(const DeviceMemory& memory)
{
    return {.weights_bytes = memory.weights,
            .active_bytes = memory.active,
            .reserved_bytes = memory.reserved,
            .peak_bytes = memory.peak,
            .graphs_bytes = memory.graphs,
            .rss_bytes = {},
            .alloc_retries = memory.alloc_retries,
            .ooms = memory.ooms};
}

} // namespace

HeartBeat::HeartBeat(Channel& channel, const Activity& activity) : channel_(channel), activity_(activity)
{
    beat(); // the first before anything else can take long
    thread_ = std::jthread([this] { run(); });
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
    ipc::HeartBeat message{.running = activity_.running(), .step = activity_.step(), .memory = {}};
    if (const auto* encoder = encoder_.load())
        message.memory = told(encoder->memory());
    message.memory.rss_bytes = resident_bytes();
    channel_.send(message);
}

} // namespace embedd::model
