#include "model/cuda/driver.hpp"

#include <dlfcn.h>

#include <array>
#include <memory>
#include <string>

namespace embedd::model {

namespace {

// Of cuda.h, whose numbers are part of the driver's binary interface.
constexpr int success = 0;
constexpr int capability_major_attribute = 75;
constexpr int capability_minor_attribute = 76;

Failure missing(const std::string& what)
{
    return {Errc::device_missing, what};
}

// The driver's library, as far as it is needed here.
class Driver {
public:
    // Stays loaded, because initialising it takes long, and CUDA's runtime is about to use it.
    explicit Driver(const char* path) : library_(::dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) {}

    [[nodiscard]] bool open() const { return library_ != nullptr; }

    // Calls a function by its name. False where there is none, or it fails.
    template <class... Arguments>
    bool call(const char* name, Arguments... arguments) const
    {
        using Function = int (*)(Arguments...);
        const auto function = reinterpret_cast<Function>(::dlsym(library_.get(), name));
        return function && function(arguments...) == success;
    }

private:
    struct Close {
        void operator()(void* library) const { ::dlclose(library); }
    };
    std::unique_ptr<void, Close> library_;
};

Result<Gpu> describe(const Driver& driver, int index)
{
    int device = 0;
    std::array<char, 256> name{};
    std::array<char, 32> bus{};
    std::size_t memory = 0;
    Gpu gpu;
    const bool known =
        driver.call("cuDeviceGet", &device, index) &&
        driver.call("cuDeviceGetName", name.data(), static_cast<int>(name.size() - 1), device) &&
        driver.call("cuDeviceGetPCIBusId", bus.data(), static_cast<int>(bus.size() - 1), device) &&
        driver.call("cuDeviceTotalMem_v2", &memory, device) &&
        driver.call("cuDeviceGetAttribute", &gpu.capability_major, capability_major_attribute, device) &&
        driver.call("cuDeviceGetAttribute", &gpu.capability_minor, capability_minor_attribute, device);
    if (!known)
        return missing("the NVIDIA driver does not describe GPU " + std::to_string(index));
    gpu.name = name.data();
    gpu.pci_bus_id = bus.data();
    gpu.memory_bytes = memory;
    return gpu;
}

} // namespace

Result<std::vector<Gpu>> gpus(const char* path)
{
    const Driver driver(path);
    if (!driver.open())
        return missing("there is no NVIDIA driver (" + std::string{path} + " cannot be opened)");
    int version = 0;
    if (!driver.call("cuDriverGetVersion", &version) || version < least_cuda_version)
        return missing("the NVIDIA driver is for CUDA " + std::to_string(version / 1000) + '.' +
                       std::to_string(version % 1000 / 10) + ", and CUDA 13.0 is needed (driver 580)");
    int count = 0;
    if (!driver.call("cuInit", 0U) || !driver.call("cuDeviceGetCount", &count) || count < 1)
        return missing("the NVIDIA driver finds no GPU");
    std::vector<Gpu> gpus;
    for (int index = 0; index < count; ++index) {
        auto gpu = describe(driver, index);
        if (!gpu)
            return gpu.error();
        gpus.push_back(std::move(*gpu));
    }
    return gpus;
}

} // namespace embedd::model
