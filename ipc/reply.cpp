#include "ipc/reply.hpp"

#include "ipc/json.hpp"
#include "ipc/reply_fields.hpp"
#include "ipc/subscription_fields.hpp"

#include <bit>
#include <cstring>

namespace embedd::ipc {

namespace {

using nlohmann::json;

json to_json(const Id& id)
{
    if (const auto* number = std::get_if<std::uint64_t>(&id))
        return *number;
    if (const auto* text = std::get_if<std::string>(&id))
        return *text;
    return {};
}

// Token by token: a text of 1 MiB has some hundred thousand, and a tree of them would be many times as large.
std::string written(const TokenizeReply& reply)
{
    std::string out = "[";
    for (const auto& tokens : reply.tokens) {
        out += out.size() > 1 ? ",[" : "[";
        for (const auto& token : tokens) {
            out += out.back() == '[' ? "" : ",";
            out += dump_json(FieldWriter::whole(token));
        }
        out += ']';
    }
    return out + ']';
}

Error malformed(const char* what)
{
    return {ErrorType::internal, std::string{"the answer cannot be read: "} + what, {}};
}

Error error_from(const json& answer)
{
    const auto error = answer.find("error");
    if (error == answer.end() || !error->is_object())
        return malformed("it has neither ok nor an error");
    const auto type = error->find("type");
    const auto message = error->find("message");
    const auto retry = error->find("retry_after_ms");
    Error read;
    if (type != error->end() && type->is_string())
        read.type = error_type_from(type->get_ref<const std::string&>()).value_or(ErrorType::internal);
    if (message != error->end() && message->is_string())
        read.message = message->get<std::string>();
    if (retry != error->end() && retry->is_number_unsigned())
        read.retry_after_ms = retry->get<std::uint64_t>();
    return read;
}

} // namespace

std::string to_header(const Id& id, const Answer& answer)
{
    if (const auto* tokens = std::get_if<TokenizeReply>(&answer))
        return "{\"id\":" + dump_json(to_json(id)) + ",\"ok\":true,\"tokens\":" + written(*tokens) + '}';
    auto out = std::visit([](const auto& alternative) { return FieldWriter::whole(alternative); }, answer);
    out["id"] = to_json(id);
    out["ok"] = true;
    return dump_json(out);
}

std::string to_header(const Id& id, const Progress& event)
{
    return dump_json(
        json{{"id", to_json(id)}, {"ok", true}, {"more", true}, {"event", FieldWriter::whole(event)}});
}

std::string to_header(const Id& id, const Error& error)
{
    json out{{"id", to_json(id)},
             {"ok", false},
             {"error", {{"type", to_string(error.type)}, {"message", error.message}}}};
    if (error.retry_after_ms)
        out["error"]["retry_after_ms"] = *error.retry_after_ms;
    return dump_json(out);
}

Result<Id> reply_id(std::string_view header)
{
    const auto answer = parse_json(header, {.depth = 32});
    if (!answer || !answer->is_object())
        return malformed("it is no JSON object");
    const auto id = answer->find("id");
    if (id == answer->end() || id->is_null())
        return Id{};
    if (id->is_number_unsigned())
        return Id{id->get<std::uint64_t>()};
    if (id->is_string())
        return Id{id->get<std::string>()};
    return malformed("its id is neither a number nor a string");
}

std::optional<Progress> progress_of(std::string_view header)
{
    const auto answer = parse_json(header);
    if (!answer || !answer->is_object() || !answer->contains("more") || !answer->contains("event"))
        return std::nullopt;
    auto event = FieldReader::whole<Progress>(answer->at("event"), Missing::keeps_default);
    return event ? std::optional(*event) : std::nullopt;
}

template <class T>
Result<T> parse_reply(std::string_view header)
{
    // A tree of phases may nest deeper than what clients may send.
    const auto answer = parse_json(header, {.depth = 32});
    if (!answer || !answer->is_object())
        return malformed("it is no JSON object");
    const auto ok = answer->find("ok");
    if (ok == answer->end() || !ok->is_boolean() || !ok->get<bool>())
        return error_from(*answer);
    auto reply = FieldReader::whole<T>(*answer, Missing::keeps_default);
    if (!reply)
        return malformed(reply.error().message.c_str());
    return reply;
}

template Result<EmbedReply> parse_reply(std::string_view);
template Result<TokenizeReply> parse_reply(std::string_view);
template Result<DecodeReply> parse_reply(std::string_view);
template Result<InfoReply> parse_reply(std::string_view);
template Result<HealthReply> parse_reply(std::string_view);
template Result<StatusReply> parse_reply(std::string_view);
template Result<MetricsReply> parse_reply(std::string_view);
template Result<WarmUpsReply> parse_reply(std::string_view);
template Result<RewarmReply> parse_reply(std::string_view);
template Result<ReloadReply> parse_reply(std::string_view);
template Result<DrainReply> parse_reply(std::string_view);
template Result<ResumeReply> parse_reply(std::string_view);
template Result<RestartReplicaReply> parse_reply(std::string_view);
template Result<SubscriptionMessage> parse_reply(std::string_view);
template Result<CancelReply> parse_reply(std::string_view);

Result<std::vector<float>> float_rows(const EmbedReply& reply, std::span<const std::byte> payload)
{
    static_assert(std::endian::native == std::endian::little, "payloads are little-endian");
    if (reply.dtype != VectorType::float32)
        return malformed("its vectors are not float32");
    if (reply.dims == 0 ? !payload.empty()
                        : payload.size() / sizeof(float) / reply.dims != reply.rows ||
                              payload.size() % (sizeof(float) * reply.dims) != 0)
        return malformed("its payload does not have the size its shape asks for");
    std::vector<float> rows(payload.size() / sizeof(float));
    if (!payload.empty())
        std::memcpy(rows.data(), payload.data(), payload.size());
    return rows;
}

} // namespace embedd::ipc
