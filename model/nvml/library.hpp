#pragma once

#include "model/nvml/abi.hpp"

#include <memory>
#include <string>

namespace embedd::nvml {

// The driver's library, open and initialised as long as this lives.
class Library {
public:
    // Nothing where there is no such library, or no driver beneath it.
    [[nodiscard]] static std::unique_ptr<const Library> open(const std::string& path);
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    // A function that this version of the driver does not have is null.
    abi::GetHandleByPciBusId* get_handle;
    abi::GetMemoryInfo* get_memory;
    abi::GetUtilizationRates* get_utilization;
    abi::GetClockInfo* get_clock;
    abi::GetComputeRunningProcesses* get_processes;
    abi::GetPowerUsage* get_power;
    abi::GetTemperature* get_temperature;
    abi::GetCurrentClocksEventReasons* get_throttle_reasons;

private:
    struct Close {
        void operator()(void* handle) const;
    };
    using Handle = std::unique_ptr<void, Close>;

    explicit Library(Handle);

    Handle handle_;
    abi::Shutdown* shutdown_;
};

} // namespace embedd::nvml
