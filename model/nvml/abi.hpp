#pragma once

#include <cstdint>

// What we call of NVIDIA's management library (NVML), as its header declares it, so that no header is needed.
namespace embedd::nvml::abi {

using Result = int;
inline constexpr Result success = 0;
inline constexpr Result not_supported = 3;
inline constexpr Result no_permission = 4;
inline constexpr Result insufficient_size = 7;
inline constexpr Result driver_not_loaded = 9;

using Device = void*;

struct Memory {
    std::uint32_t version;
    std::uint64_t total, reserved, free, used;
};
static_assert(sizeof(Memory) == 40);
inline constexpr std::uint32_t memory_version = sizeof(Memory) | 2U << 24U;

struct Utilization {
    std::uint32_t gpu, memory; // percent
};
static_assert(sizeof(Utilization) == 8);

struct Process {
    std::uint32_t pid;
    std::uint64_t used;
    std::uint32_t gpu_instance, compute_instance;
};
static_assert(sizeof(Process) == 24);
inline constexpr std::uint64_t not_available = ~std::uint64_t{0}; // a process's used

inline constexpr int sm_clock = 1;
inline constexpr int memory_clock = 2;
inline constexpr int temperature_of_gpu = 0;

using Init = Result();
using Shutdown = Result();
using GetHandleByPciBusId = Result(const char* bus_id, Device*);
using GetMemoryInfo = Result(Device, Memory*);
using GetUtilizationRates = Result(Device, Utilization*);
using GetClockInfo = Result(Device, int clock, std::uint32_t* mhz);
using GetComputeRunningProcesses = Result(Device, std::uint32_t* count, Process*);
using GetPowerUsage = Result(Device, std::uint32_t* milliwatts);
using GetTemperature = Result(Device, int sensor, std::uint32_t* celsius);
using GetCurrentClocksEventReasons = Result(Device, std::uint64_t* reasons);

} // namespace embedd::nvml::abi
