#pragma once

#include "daemon/lifecycle.hpp"
#include "ipc/status.hpp"

#include <optional>
#include <span>
#include <vector>

namespace embedd::daemon {

// What one replica says of the device it computes on.
struct DeviceReport {
    ipc::DeviceStatus device;              // other_bytes: what is not this replica's
    std::optional<Clock::time_point> told; // its figures; nothing: only id and name are known
};

// An entry for each device, in the order of the reports. A figure is the newest that a replica told of it in
// the last seconds, else unknown; other_bytes is what belongs to none of the replicas.
[[nodiscard]] std::vector<ipc::DeviceStatus> devices_of(std::span<const DeviceReport>, Clock::time_point now);

} // namespace embedd::daemon
