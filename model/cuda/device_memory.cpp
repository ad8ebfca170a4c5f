#include "model/cuda/device_memory.hpp"

#include <c10/cuda/CUDACachingAllocator.h>

#include <algorithm>

namespace embedd::model {

namespace {

c10::CachingDeviceAllocator::DeviceStats stats_of(c10::DeviceIndex device)
{
    return c10::cuda::CUDACachingAllocator::getDeviceStats(device);
}

std::uint64_t count(std::int64_t value)
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
}

constexpr std::size_t all_pools = 0; // of small and large blocks

} // namespace

DeviceMemory device_memory(c10::DeviceIndex device, DeviceMemory known)
{
    const auto stats = stats_of(device);
    const auto& active = stats.active_bytes[all_pools];
    known.active = count(active.current);
    known.reserved = count(stats.reserved_bytes[all_pools].current);
    known.peak = count(active.peak);
    known.alloc_retries = count(stats.num_alloc_retries);
    known.ooms = count(stats.num_ooms);
    return known;
}

std::uint64_t reserved_bytes(c10::DeviceIndex device)
{
    return count(stats_of(device).reserved_bytes[all_pools].current);
}

std::int64_t allocations(c10::DeviceIndex device)
{
    return stats_of(device).num_device_alloc;
}

} // namespace embedd::model
