#include "model/worker/device_figures.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace embedd::model {

DeviceFigures::DeviceFigures(Settings settings)
    : settings_(std::move(settings)), figures_{.id = settings_.id, .name = settings_.name},
      thread_([this](const std::stop_token& stop) { run(stop); })
{
}

DeviceFigures::~DeviceFigures() = default;

void DeviceFigures::run(const std::stop_token& stop)
{
    ::pthread_setname_np(::pthread_self(), "device-figures");
    const auto gpu = nvml::Gpu::open(settings_.bus_id, settings_.library);
    while (gpu && !stop.stop_requested()) {
        auto figures = read(*gpu);
        std::unique_lock lock(mutex_);
        figures_ = std::move(figures);
        read_at_ = Clock::now();
        pause_.wait_for(lock, stop, settings_.interval, [] { return false; });
    }
}

ipc::DeviceStatus DeviceFigures::read(const nvml::Gpu& gpu) const
{
    auto reading = gpu.read();
    ipc::DeviceStatus figures{.id = settings_.id, .name = settings_.name};
    if (reading.memory) {
        figures.total_bytes = reading.memory->total;
        figures.used_bytes = reading.memory->used;
    }
    figures.other_bytes = bytes_of_others(reading, static_cast<std::uint32_t>(::getpid()), reserved_bytes());
    figures.utilization = reading.utilization;
    figures.memory_utilization = reading.memory_utilization;
    figures.power_w = reading.power_w;
    figures.temperature_c = reading.temperature_c;
    figures.sm_clock_mhz = reading.sm_clock_mhz;
    figures.memory_clock_mhz = reading.memory_clock_mhz;
    figures.throttled = std::move(reading.throttled);
    return figures;
}

std::optional<std::uint64_t> DeviceFigures::reserved_bytes() const
{
    try {
        return settings_.reserved_bytes ? settings_.reserved_bytes() : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt; // a figure that is missing is no reason to end the process
    }
}

ipc::DeviceStatus DeviceFigures::latest() const
{
    const std::scoped_lock lock(mutex_);
    if (Clock::now() - read_at_ > settings_.lifetime)
        return {.id = settings_.id, .name = settings_.name};
    return figures_;
}

std::optional<std::uint64_t> bytes_of_others(const nvml::Reading& reading, std::uint32_t pid,
                                             std::optional<std::uint64_t> reserved_bytes)
{
    auto own = reserved_bytes;
    if (reading.processes)
        for (const auto& process : *reading.processes)
            if (process.pid == pid && process.used_bytes)
                own = std::max(own.value_or(0), *process.used_bytes);
    if (!own || !reading.memory)
        return std::nullopt;
    return reading.memory->used - std::min(*own, reading.memory->used);
}

} // namespace embedd::model
