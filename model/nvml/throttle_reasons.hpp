#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace embedd::nvml {

// Why the clocks are lower than they could be, in nvidia-smi's words, from the driver's bits. That the GPU
// has nothing to do is no reason: it is not slower for that when work comes.
[[nodiscard]] std::vector<std::string> throttle_reasons(std::uint64_t bits);

} // namespace embedd::nvml
