#pragma once

#include "ipc/error.hpp"
#include "ipc/request.hpp"
#include "ipc/sample.hpp"
#include "ipc/status.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::ipc {

// One message of a subscription: others follow.
struct SubscribeEvent {
    Status status;
    std::vector<Sample> history; // of the last ten minutes, oldest first; the first message alone has it

    friend bool operator==(const SubscribeEvent&, const SubscribeEvent&) = default;
};

[[nodiscard]] std::string to_header(const Id&, const SubscribeEvent&);

// The same of parts that were written before, so that one status serves all who may see the same.
[[nodiscard]] std::string to_text(const Status&);
[[nodiscard]] std::string to_text(std::span<const Sample> history);
[[nodiscard]] std::string subscription_header(const Id&, std::string_view status,
                                              std::string_view history = {});

// An error answer comes back as its Error.
[[nodiscard]] Result<SubscribeEvent> parse_subscribe_event(std::string_view header);

} // namespace embedd::ipc
