#include "model/nvml/gpu.hpp"

#include "model/nvml/library.hpp"
#include "model/nvml/throttle_reasons.hpp"

#include <algorithm>
#include <utility>

namespace embedd::nvml {

namespace {

// Processes come while they are counted: room for some more, and a few tries.
constexpr std::uint32_t spare_processes = 16;
constexpr std::uint32_t most_processes = 65'536;
constexpr int tries = 4;

// False also where the driver has no such function.
template <class... Parameters, class... Arguments>
bool succeeds(abi::Result (*function)(Parameters...), Arguments... arguments)
{
    return function && function(arguments...) == abi::success;
}

std::optional<std::uint32_t> clock_of(const Library& library, abi::Device device, int clock)
{
    std::uint32_t mhz = 0;
    return succeeds(library.get_clock, device, clock, &mhz) ? std::optional(mhz) : std::nullopt;
}

std::optional<std::vector<Process>> processes_of(const Library& library, abi::Device device)
{
    if (!library.get_processes)
        return std::nullopt;
    std::vector<abi::Process> list;
    std::uint32_t count = 0;
    auto result = library.get_processes(device, &count, nullptr);
    for (int attempt = 1; result == abi::insufficient_size && attempt < tries; ++attempt) {
        if (count > most_processes)
            return std::nullopt;
        list.resize(count + spare_processes);
        count = static_cast<std::uint32_t>(list.size());
        result = library.get_processes(device, &count, list.data());
    }
    if (result != abi::success)
        return std::nullopt;
    list.resize(std::min<std::size_t>(list.size(), count));
    std::vector<Process> processes;
    for (const auto& one : list)
        processes.push_back(
            {.pid = one.pid,
             .used_bytes = one.used == abi::not_available ? std::nullopt : std::optional(one.used)});
    return processes;
}

} // namespace

std::optional<Gpu> Gpu::open(const std::string& bus_id, const std::string& path)
{
    auto library = Library::open(path);
    abi::Device device = nullptr;
    if (!library || !succeeds(library->get_handle, bus_id.c_str(), &device))
        return std::nullopt;
    return Gpu(std::move(library), device);
}

Gpu::Gpu(std::unique_ptr<const Library> library, void* device) : library_(std::move(library)), device_(device)
{
}

Gpu::~Gpu() = default;
Gpu::Gpu(Gpu&&) noexcept = default;

Reading Gpu::read() const
{
    Reading reading;
    abi::Memory memory{.version = abi::memory_version, .total = 0, .reserved = 0, .free = 0, .used = 0};
    if (succeeds(library_->get_memory, device_, &memory))
        reading.memory = Memory{memory.total, memory.reserved, memory.free, memory.used};
    abi::Utilization utilization{};
    if (succeeds(library_->get_utilization, device_, &utilization)) {
        reading.utilization = utilization.gpu / 100.0;
        reading.memory_utilization = utilization.memory / 100.0;
    }
    reading.sm_clock_mhz = clock_of(*library_, device_, abi::sm_clock);
    reading.memory_clock_mhz = clock_of(*library_, device_, abi::memory_clock);
    std::uint32_t milliwatts = 0;
    if (succeeds(library_->get_power, device_, &milliwatts))
        reading.power_w = milliwatts / 1000.0;
    std::uint32_t celsius = 0;
    if (succeeds(library_->get_temperature, device_, abi::temperature_of_gpu, &celsius))
        reading.temperature_c = celsius;
    std::uint64_t reasons = 0;
    if (succeeds(library_->get_throttle_reasons, device_, &reasons))
        reading.throttled = throttle_reasons(reasons);
    reading.processes = processes_of(*library_, device_);
    return reading;
}

} // namespace embedd::nvml
