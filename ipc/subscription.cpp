#include "ipc/subscription.hpp"

#include "ipc/json.hpp"
#include "ipc/reply.hpp"
#include "ipc/request_reader.hpp"
#include "ipc/subscription_fields.hpp"

#include <utility>

namespace embedd::ipc {

std::string to_header(const Id& id, const SubscribeEvent& event)
{
    return subscription_header(id, to_text(event.status),
                               event.history.empty() ? std::string() : to_text(event.history));
}

std::string to_text(const Status& status)
{
    return dump_json(to_json(status));
}

std::string to_text(std::span<const Sample> history)
{
    return dump_json(FieldWriter::whole(columns_of(history)));
}

std::string subscription_header(const Id& id, std::string_view status, std::string_view history)
{
    std::string header = "{\"id\":" + dump_json(to_json(id)) + ",\"ok\":true,\"more\":true,\"status\":";
    header += status;
    if (!history.empty())
        header.append(",\"history\":").append(history);
    return header + '}';
}

Result<SubscribeEvent> parse_subscribe_event(std::string_view header)
{
    auto message = parse_reply<SubscriptionMessage>(header);
    if (!message)
        return message.error();
    SubscribeEvent event{.status = std::move(message->status), .history = {}};
    if (message->history) {
        auto history = samples_of(*message->history);
        if (!history)
            return history.error();
        event.history = *std::move(history);
    }
    return event;
}

} // namespace embedd::ipc
