// A library with NVML's symbols, for machines without a GPU. Built a second time as a driver that lacks some
// of them (EMBEDD_OLD_DRIVER).

#include "tests/model/nvml/fake_nvml.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

using namespace embedd::nvml;

extern "C" FakeDriver* embedd_fake_driver()
{
    static FakeDriver driver;
    return &driver;
}

namespace {

FakeDriver& driver()
{
    return *embedd_fake_driver();
}

// The result of a reading, which takes as long as the driver hangs.
abi::Result read()
{
    ++driver().readings;
    while (driver().hangs)
        std::this_thread::yield();
    return driver().result;
}

template <class T>
abi::Result tell(const T& value, T* out)
{
    const auto result = read();
    if (result == abi::success)
        *out = value;
    return result;
}

} // namespace

extern "C" {

abi::Result nvmlInit_v2()
{
    driver().opened += driver().init == abi::success;
    return driver().init;
}

abi::Result nvmlShutdown()
{
    --driver().opened;
    return abi::success;
}

abi::Result nvmlDeviceGetHandleByPciBusId_v2(const char* bus_id, abi::Device* device)
{
    constexpr abi::Result not_found = 6;
    if (std::strcmp(bus_id, "0000:17:00.0") != 0)
        return not_found;
    *device = &driver();
    return abi::success;
}

abi::Result nvmlDeviceGetMemoryInfo_v2(abi::Device, abi::Memory* memory)
{
    constexpr abi::Result version_mismatch = 25;
    return memory->version == 0x2000028 ? tell(driver().memory, memory) : version_mismatch;
}

abi::Result nvmlDeviceGetUtilizationRates(abi::Device, abi::Utilization* utilization)
{
    return tell(driver().utilization, utilization);
}

abi::Result nvmlDeviceGetClockInfo(abi::Device, int clock, std::uint32_t* mhz)
{
    return tell(clock == 1 ? driver().sm_clock_mhz : driver().memory_clock_mhz, mhz);
}

// As the real one: count is the room at first, and then how many there are.
abi::Result nvmlDeviceGetComputeRunningProcesses_v3(abi::Device, std::uint32_t* count, abi::Process* list)
{
    auto& processes = driver().processes;
    for (std::uint32_t born = 0; born < driver().born_each_call; ++born)
        processes.push_back({.pid = 9000, .used = 1, .gpu_instance = 0, .compute_instance = 0});
    if (const auto result = read(); result != abi::success)
        return result;
    const auto room = *count;
    *count = static_cast<std::uint32_t>(processes.size());
    if (processes.size() > room)
        return abi::insufficient_size;
    std::ranges::copy(processes, list);
    *count += driver().claimed;
    return abi::success;
}

#ifndef EMBEDD_OLD_DRIVER
abi::Result nvmlDeviceGetPowerUsage(abi::Device, std::uint32_t* milliwatts)
{
    return tell(driver().milliwatts, milliwatts);
}

abi::Result nvmlDeviceGetCurrentClocksEventReasons(abi::Device, std::uint64_t* reasons)
{
    return tell(driver().throttle_reasons, reasons);
}
#endif

abi::Result nvmlDeviceGetTemperature(abi::Device, int sensor, std::uint32_t* celsius)
{
    constexpr abi::Result invalid_argument = 2;
    return sensor == 0 ? tell(driver().celsius, celsius) : invalid_argument;
}

} // extern "C"
