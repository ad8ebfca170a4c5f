#pragma once

#include "daemon/clients.hpp"
#include "daemon/engine.hpp"
#include "daemon/events.hpp"
#include "daemon/inputs.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/metrics.hpp"
#include "ipc/status.hpp"

#include <optional>
#include <vector>

namespace embedd::daemon {

// What the service knows of its warm-up, beside the cold hits.
struct WarmUpState {
    std::string state = "pending";
    std::uint64_t epoch = 0;
    std::optional<std::uint64_t> plan_cells;
    std::optional<ipc::WarmUpReport> last;
};

struct StatusSources {
    const Lifecycle& lifecycle;
    const Engine& engine;
    const Metrics& metrics;
    const Clients& clients;
    const Events& events;
    const WarmUpState& warm_up;
    const std::optional<ipc::ModelCard>& card;
    const std::vector<ipc::DeviceStatus>& devices;
    Clock::time_point exec;
};

// The whole state; the rows of one uid's clients alone, unless all may be seen.
[[nodiscard]] ipc::Status report_status(const StatusSources&, std::optional<uid_t> clients_of,
                                        Clock::time_point now);

} // namespace embedd::daemon
