#pragma once

#include "model/failure.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace embedd::model {

// A GPU as its driver describes it.
struct Gpu {
    std::string name;
    std::string pci_bus_id; // "0000:4E:00.0": NVML's name for it
    std::uint64_t memory_bytes = 0;
    int capability_major = 0, capability_minor = 0;
};

// The oldest driver that CUDA 13's runtime works with, as the driver says it: 1000 x major + 10 x minor.
inline constexpr int least_cuda_version = 13000;

// The GPUs that CUDA_VISIBLE_DEVICES leaves, in CUDA's order: never none. Asks the driver's library, which is
// opened for it, and makes no context, so that it takes milliseconds and loads nothing of CUDA's own
// libraries. A failure is device_missing and names what is not there.
[[nodiscard]] Result<std::vector<Gpu>> gpus(const char* driver = "libcuda.so.1");

} // namespace embedd::model
