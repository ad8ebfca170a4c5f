#include "daemon/devices.hpp"

#include <algorithm>

namespace embedd::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto lifetime = 5s;

using Reports = std::vector<const DeviceReport*>;

Reports newest_first(const std::string& id, std::span<const DeviceReport> reports, Clock::time_point now)
{
    Reports recent;
    for (const auto& report : reports)
        if (report.device.id == id && report.told && now - *report.told <= lifetime)
            recent.push_back(&report);
    std::ranges::stable_sort(recent, std::ranges::greater(), &DeviceReport::told);
    return recent;
}

// Each replica took its own memory alone from what is used: together they take all of theirs.
std::optional<std::uint64_t> bytes_of_no_replica(std::uint64_t used, const Reports& reports)
{
    auto others = used;
    for (const auto* report : reports) {
        const auto& [device, told] = *report;
        if (!device.used_bytes || !device.other_bytes)
            return std::nullopt;
        const auto own = *device.used_bytes - std::min(*device.other_bytes, *device.used_bytes);
        others -= std::min(own, others);
    }
    return others;
}

ipc::DeviceStatus joined(const ipc::DeviceStatus& named, const Reports& reports)
{
    ipc::DeviceStatus joined{.id = named.id, .name = named.name};
    for (const auto* report : reports) {
        const auto fill = [&](auto figure) {
            if (!(joined.*figure))
                joined.*figure = report->device.*figure;
        };
        fill(&ipc::DeviceStatus::total_bytes);
        fill(&ipc::DeviceStatus::used_bytes);
        fill(&ipc::DeviceStatus::utilization);
        fill(&ipc::DeviceStatus::memory_utilization);
        fill(&ipc::DeviceStatus::power_w);
        fill(&ipc::DeviceStatus::temperature_c);
        fill(&ipc::DeviceStatus::sm_clock_mhz);
        fill(&ipc::DeviceStatus::memory_clock_mhz);
        fill(&ipc::DeviceStatus::throttled);
    }
    if (joined.used_bytes)
        joined.other_bytes = bytes_of_no_replica(*joined.used_bytes, reports);
    return joined;
}

} // namespace

std::vector<ipc::DeviceStatus> devices_of(std::span<const DeviceReport> reports, Clock::time_point now)
{
    std::vector<ipc::DeviceStatus> devices;
    for (const auto& report : reports) {
        const auto& id = report.device.id;
        if (std::ranges::find(devices, id, &ipc::DeviceStatus::id) == devices.end())
            devices.push_back(joined(report.device, newest_first(id, reports, now)));
    }
    return devices;
}

} // namespace embedd::daemon
