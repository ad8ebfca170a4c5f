#pragma once

#include "daemon/clients.hpp"
#include "daemon/events.hpp"
#include "daemon/generations.hpp"
#include "daemon/inputs.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/metrics.hpp"
#include "ipc/sample.hpp"
#include "ipc/status.hpp"

#include <optional>
#include <vector>

namespace embedd::daemon {

// What the service knows of its warm-up, beside the cold hits.
struct WarmUpState {
    std::string state = "pending";
    std::uint64_t epoch = 0;
    std::optional<ipc::WarmUpReport> last;
};

struct StatusSources {
    const Lifecycle& lifecycle;
    const Generations& generations;
    const Metrics& metrics;
    const Clients& clients;
    const Events& events;
    const WarmUpState& warm_up;
    const std::optional<ipc::ModelCard>& card;
    const ipc::ReloadStatus& reload;
    Clock::time_point exec;
};

// The whole state. Admins see the rows of all clients and what they may do, others their own uid's rows and
// one sum of the rest.
[[nodiscard]] ipc::Status report_status(const StatusSources&, bool for_admin, uid_t uid,
                                        Clock::time_point now);

// What of it is kept each second.
[[nodiscard]] ipc::Sample report_sample(const StatusSources&, std::size_t under_way, Clock::time_point now);

} // namespace embedd::daemon
