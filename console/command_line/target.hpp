#pragma once

#include "ipc/client.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace embedd::console {

// Where the daemon is and how long to wait for it.
struct Target {
    std::optional<std::string> socket; // nothing: EMBEDD_SOCKET, else the first default that answers
    std::chrono::milliseconds timeout{60'000};
    std::string name = "embedctl"; // shown to the operator
};

// The client's options for a target whose socket was found.
[[nodiscard]] ipc::CallResult<ipc::Client::Options> locate(const Target&);

// Until the daemon serves, at most the target's timeout. What it said last, or why there is nothing;
// `on_status` hears each status until then.
using OnStatus = std::function<void(const ipc::Status&)>;
[[nodiscard]] ipc::CallResult<ipc::Status> wait_until_serving(const Target&, const OnStatus& on_status = {});

} // namespace embedd::console
