#pragma once

#include "model/nvml/abi.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace embedd::nvml {

// What the fake library answers: a GPU at 0000:17:00.0. Tests change it through FakeNvml.
struct FakeDriver {
    abi::Result init = abi::success;
    std::atomic<abi::Result> result = abi::success; // of every reading
    abi::Memory memory{.version = 0, .total = 1000, .reserved = 50, .free = 650, .used = 300};
    abi::Utilization utilization{.gpu = 75, .memory = 20};
    std::uint32_t sm_clock_mhz = 1980, memory_clock_mhz = 3201;
    std::uint32_t milliwatts = 412'500, celsius = 61;
    std::uint64_t throttle_reasons = 0;
    std::vector<abi::Process> processes;
    std::uint32_t born_each_call = 0; // processes that begin between two calls
    std::uint32_t claimed = 0;        // processes counted beyond those that are listed
    int opened = 0;                   // nvmlInit less nvmlShutdown
    std::atomic<bool> hangs = false;  // readings do not return as long as it is set
    std::atomic<int> readings = 0;    // begun
};

// The name of the function that a test finds it by.
inline constexpr const char* fake_driver_symbol = "embedd_fake_driver";

} // namespace embedd::nvml
