#include "model/nvml/library.hpp"

#include <dlfcn.h>

#include <utility>

namespace embedd::nvml {

namespace {

template <class Function>
Function* find(void* handle, const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(handle, name));
}

} // namespace

void Library::Close::operator()(void* handle) const
{
    ::dlclose(handle);
}

std::unique_ptr<const Library> Library::open(const std::string& path)
{
    Handle handle(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!handle)
        return nullptr;
    auto* const init = find<abi::Init>(handle.get(), "nvmlInit_v2");
    if (!init || init() != abi::success)
        return nullptr;
    return std::unique_ptr<const Library>(new Library(std::move(handle)));
}

Library::Library(Handle handle)
    : get_handle(find<abi::GetHandleByPciBusId>(handle.get(), "nvmlDeviceGetHandleByPciBusId_v2")),
      get_memory(find<abi::GetMemoryInfo>(handle.get(), "nvmlDeviceGetMemoryInfo_v2")),
      get_utilization(find<abi::GetUtilizationRates>(handle.get(), "nvmlDeviceGetUtilizationRates")),
      get_clock(find<abi::GetClockInfo>(handle.get(), "nvmlDeviceGetClockInfo")),
      get_processes(
          find<abi::GetComputeRunningProcesses>(handle.get(), "nvmlDeviceGetComputeRunningProcesses_v3")),
      get_power(find<abi::GetPowerUsage>(handle.get(), "nvmlDeviceGetPowerUsage")),
      get_temperature(find<abi::GetTemperature>(handle.get(), "nvmlDeviceGetTemperature")),
      get_throttle_reasons(
          find<abi::GetCurrentClocksEventReasons>(handle.get(), "nvmlDeviceGetCurrentClocksEventReasons")),
      handle_(std::move(handle)), shutdown_(find<abi::Shutdown>(handle_.get(), "nvmlShutdown"))
{
}

Library::~Library()
{
    if (shutdown_)
        shutdown_();
}

} // namespace embedd::nvml
