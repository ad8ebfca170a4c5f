#pragma once

#include "ipc/status.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What the fake worker says of a made-up GPU, so that tests can compute what the daemon will show.
namespace embedd::fake {

inline constexpr std::uint64_t gib = std::uint64_t{1} << 30U;

// Of each GPU, whoever computes there.
inline constexpr std::uint64_t gpu_total_bytes = 80 * gib;
inline constexpr std::uint64_t gpu_used_bytes = 5 * gib;
// Of each worker.
inline constexpr std::uint64_t gpu_own_bytes = 2 * gib;

[[nodiscard]] inline ipc::DeviceStatus gpu(const std::string& id)
{
    return {.id = id,
            .name = "fake GPU",
            .total_bytes = gpu_total_bytes,
            .used_bytes = gpu_used_bytes,
            .other_bytes = gpu_used_bytes - gpu_own_bytes,
            .utilization = 0.5,
            .power_w = 300.5,
            .temperature_c = 60,
            .memory_utilization = 0.25,
            .sm_clock_mhz = 1980,
            .memory_clock_mhz = 2619,
            .throttled = std::vector<std::string>{"sw_power_cap"}};
}

[[nodiscard]] inline ipc::ReplicaMemory memory_on_gpu()
{
    return {.weights_bytes = 1'000'000,
            .active_bytes = gib,
            .reserved_bytes = gpu_own_bytes,
            .peak_bytes = gib + gib / 2,
            .graphs_bytes = gib / 4,
            .rss_bytes = 1'100'000,
            .alloc_retries = 1,
            .ooms = 2};
}

} // namespace embedd::fake
