#pragma once

#include "model/backend.hpp"

#include <c10/core/Device.h>

#include <cstdint>

namespace embedd::model {

// What libtorch's caching allocator has of a device. From any thread, once the device is initialised.

// `known`: what the allocator does not tell apart, weights and graphs.
[[nodiscard]] DeviceMemory device_memory(c10::DeviceIndex device, DeviceMemory known);
[[nodiscard]] std::uint64_t reserved_bytes(c10::DeviceIndex device);

// How often it asked the driver for memory: never on the hot path, once all shapes were seen.
[[nodiscard]] std::int64_t allocations(c10::DeviceIndex device);

} // namespace embedd::model
