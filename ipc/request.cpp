#include "ipc/request.hpp"

#include "ipc/admin_request.hpp"
#include "ipc/json.hpp"
#include "ipc/request_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

namespace embedd::ipc {

namespace {

using nlohmann::json;

constexpr std::size_t client_bytes = 64;
constexpr std::size_t prompt_bytes = 64 << 10;
constexpr std::uint64_t longest_timeout_ms = 24ULL * 3600 * 1000;

constexpr std::array<std::pair<VectorType, std::string_view>, 5> vector_types{{
    {VectorType::float32, "float32"},
    {VectorType::float16, "float16"},
    {VectorType::bfloat16, "bfloat16"},
    {VectorType::int8, "int8"},
    {VectorType::ubinary, "ubinary"},
}};

// Ops of the protocol that this version does not serve.
constexpr std::array<std::string_view, 5> known_ops{"embed_tokens", "embed_sparse", "rerank", "classify",
                                                    "similarity"};

TokenIds ids_from(const json& list, const std::string& where)
{
    TokenIds ids;
    ids.reserve(list.size());
    for (const auto& id : list) {
        const bool whole = id.is_number_integer();
        if (!whole || id.get<std::int64_t>() < 0 ||
            (id.is_number_unsigned() && id.get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max()))
            refuse(where + " must hold whole numbers from 0: token ids");
        ids.push_back(static_cast<std::int32_t>(id.get<std::int64_t>()));
    }
    if (ids.empty())
        refuse(where + " has no token ids");
    return ids;
}

std::string text_from(json& text, const std::string& where, const RequestLimits& limits)
{
    auto& bytes = text.get_ref<std::string&>();
    if (bytes.size() > limits.text_bytes)
        refuse(where + " is longer than " + std::to_string(limits.text_bytes) + " bytes",
               ErrorType::too_large);
    return std::move(bytes);
}

void check_count(const json& list, const char* name, const RequestLimits& limits)
{
    if (!list.is_array())
        refuse(in_quotes(name) + " must be a list");
    if (list.empty())
        refuse(in_quotes(name) + " is empty");
    if (list.size() > limits.inputs)
        refuse(in_quotes(name) + " has " + std::to_string(list.size()) + " entries, at most " +
                   std::to_string(limits.inputs) + " are taken",
               ErrorType::too_large);
}

// A single text stands for a list of one.
json listed(json value)
{
    if (!value.is_string())
        return value;
    json list = json::array();
    list.push_back(std::move(value));
    return list;
}

EmbedRequest read_embed(Fields& fields, const RequestLimits& limits)
{
    EmbedRequest request;
    auto inputs = listed(fields.required("inputs"));
    check_count(inputs, "inputs", limits);
    request.inputs.reserve(inputs.size());
    for (auto& input : inputs) {
        const auto where = "inputs[" + std::to_string(request.inputs.size()) + ']';
        if (input.is_string())
            request.inputs.emplace_back(text_from(input, where, limits));
        else if (input.is_array())
            request.inputs.emplace_back(ids_from(input, where));
        else
            refuse(where + " must be a text or a list of token ids");
    }
    request.truncate = fields.boolean("truncate");
    request.truncation_direction =
        fields
            .choice<TruncationDirection>("truncation_direction", {{"right", TruncationDirection::right},
                                                                  {"left", TruncationDirection::left}})
            .value_or(TruncationDirection::right);
    request.normalize = fields.boolean("normalize");
    if (const auto dimensions = fields.whole("dimensions", 1, 1 << 20))
        request.dimensions = static_cast<std::uint32_t>(*dimensions);
    request.prompt_name = fields.string("prompt_name", prompt_bytes);
    request.prompt = fields.string("prompt", prompt_bytes);
    if (request.prompt_name && request.prompt)
        refuse("give 'prompt_name' or 'prompt', not both");
    request.dtype = fields
                        .choice<VectorType>("dtype", {{"float32", VectorType::float32},
                                                      {"float16", VectorType::float16},
                                                      {"bfloat16", VectorType::bfloat16},
                                                      {"int8", VectorType::int8},
                                                      {"ubinary", VectorType::ubinary}})
                        .value_or(VectorType::float32);
    return request;
}

TokenizeRequest read_tokenize(Fields& fields, const RequestLimits& limits)
{
    TokenizeRequest request;
    auto inputs = listed(fields.required("inputs"));
    check_count(inputs, "inputs", limits);
    for (auto& input : inputs) {
        const auto where = "inputs[" + std::to_string(request.inputs.size()) + ']';
        if (!input.is_string())
            refuse(where + " must be a text");
        request.inputs.push_back(text_from(input, where, limits));
    }
    request.add_special_tokens = fields.boolean("add_special_tokens").value_or(true);
    return request;
}

DecodeRequest read_decode(Fields& fields, const RequestLimits& limits)
{
    DecodeRequest request;
    const auto lists = fields.required("ids");
    check_count(lists, "ids", limits);
    for (const auto& list : lists) {
        const auto where = "ids[" + std::to_string(request.ids.size()) + ']';
        if (!list.is_array())
            refuse(where + " must be a list of token ids");
        request.ids.push_back(ids_from(list, where));
    }
    request.skip_special_tokens = fields.boolean("skip_special_tokens").value_or(true);
    return request;
}

SubscribeRequest read_subscribe(Fields& fields)
{
    SubscribeRequest request;
    if (const auto interval = fields.whole("interval_ms", SubscribeRequest::shortest.count(),
                                           SubscribeRequest::longest.count()))
        request.interval = std::chrono::milliseconds{*interval};
    return request;
}

CancelRequest read_cancel(Fields& fields)
{
    auto target = id_from(fields.required("target"));
    if (!target)
        refuse("'target' must be the id of a request of this connection");
    return {.target = std::move(*target)};
}

Operation read_operation(Fields& fields, const RequestLimits& limits)
{
    const auto op = fields.string("op", 64);
    if (!op)
        refuse("'op' is missing");
    if (*op == "embed")
        return read_embed(fields, limits);
    if (*op == "tokenize")
        return read_tokenize(fields, limits);
    if (*op == "decode")
        return read_decode(fields, limits);
    if (*op == "info")
        return InfoRequest{};
    if (*op == "status")
        return StatusRequest{};
    if (*op == "health")
        return HealthRequest{};
    if (*op == "metrics")
        return MetricsRequest{};
    if (*op == "warmups")
        return WarmUpsRequest{};
    if (*op == "rewarm")
        return read_rewarm(fields);
    if (*op == "reload")
        return read_reload(fields);
    if (*op == "drain")
        return DrainRequest{};
    if (*op == "resume")
        return ResumeRequest{};
    if (*op == "restart_replica")
        return read_restart_replica(fields);
    if (*op == "subscribe")
        return read_subscribe(fields);
    if (*op == "cancel")
        return read_cancel(fields);
    if (std::find(known_ops.begin(), known_ops.end(), *op) != known_ops.end())
        refuse("op " + in_quotes(*op) + " is not served by this version", ErrorType::unsupported);
    refuse("unknown op; known are: embed, tokenize, decode, info, status, health, metrics, "
           "warmups, rewarm, reload, drain, resume, restart_replica, subscribe, cancel");
}

Request read_request(Fields& fields, const RequestLimits& limits)
{
    Request request;
    request.operation = read_operation(fields, limits);
    if (const auto timeout = fields.whole("timeout_ms", 1, longest_timeout_ms))
        request.timeout = std::chrono::milliseconds{*timeout};
    request.priority = fields
                           .choice<Priority>("priority", {{"interactive", Priority::interactive},
                                                          {"batch", Priority::batch}})
                           .value_or(Priority::interactive);
    request.wait_ready = fields.boolean("wait_ready").value_or(true);
    request.client = fields.string("client", client_bytes).value_or("");
    fields.nothing_left();
    return request;
}

void write(json& out, const EmbedRequest& request)
{
    auto& inputs = out["inputs"] = json::array();
    for (const auto& input : request.inputs)
        std::visit([&inputs](const auto& value) { inputs.push_back(value); }, input);
    if (request.truncate)
        out["truncate"] = *request.truncate;
    if (request.truncation_direction == TruncationDirection::left)
        out["truncation_direction"] = "left";
    if (request.normalize)
        out["normalize"] = *request.normalize;
    if (request.dimensions)
        out["dimensions"] = *request.dimensions;
    if (request.prompt_name)
        out["prompt_name"] = *request.prompt_name;
    if (request.prompt)
        out["prompt"] = *request.prompt;
    if (request.dtype != VectorType::float32)
        out["dtype"] = to_string(request.dtype);
}

void write(json& out, const TokenizeRequest& request)
{
    out["inputs"] = request.inputs;
    if (!request.add_special_tokens)
        out["add_special_tokens"] = false;
}

void write(json& out, const DecodeRequest& request)
{
    out["ids"] = request.ids;
    if (!request.skip_special_tokens)
        out["skip_special_tokens"] = false;
}

void write(json& out, const SubscribeRequest& request)
{
    out["interval_ms"] = request.interval.count();
}

void write(json& out, const CancelRequest& request)
{
    out["target"] = to_json(request.target);
}

void write(json&, const InfoRequest&) {}
void write(json&, const StatusRequest&) {}
void write(json&, const HealthRequest&) {}
void write(json&, const MetricsRequest&) {}
void write(json&, const WarmUpsRequest&) {}
void write(json&, const DrainRequest&) {}
void write(json&, const ResumeRequest&) {}

} // namespace

std::string_view to_string(VectorType type) noexcept
{
    for (const auto& [value, name] : vector_types)
        if (value == type)
            return name;
    return "";
}

std::optional<VectorType> vector_type_from(std::string_view name) noexcept
{
    for (const auto& [value, known] : vector_types)
        if (known == name)
            return value;
    return std::nullopt;
}

boost::system::result<Request, Refusal> parse_request(std::string_view header, const RequestLimits& limits)
{
    auto parsed = parse_json(header);
    if (!parsed)
        return Refusal{{}, std::move(parsed).error()};
    if (!parsed->is_object())
        return Refusal{{}, {ErrorType::bad_request, "a request must be a JSON object", {}}};
    Fields fields{*parsed};
    const auto written_id = fields.take("id");
    auto id = written_id ? id_from(*written_id) : std::nullopt;
    if (!id)
        return Refusal{{},
                       {ErrorType::bad_request,
                        "'id' must be a whole number below 2^53 or a string of at most 64 bytes",
                        {}}};
    try {
        auto request = read_request(fields, limits);
        request.id = std::move(*id);
        return request;
    } catch (Refused& refused) {
        return Refusal{std::move(*id), std::move(refused.error)};
    }
}

void throw_exception_from_error(const Refusal& refusal, const boost::source_location&)
{
    throw std::logic_error("a refusal was not looked at: " + refusal.error.message);
}

std::string to_header(const Request& request)
{
    json out{{"id", to_json(request.id)}, {"op", op_name(request.operation)}};
    std::visit([&out](const auto& operation) { write(out, operation); }, request.operation);
    if (request.timeout)
        out["timeout_ms"] = request.timeout->count();
    if (request.priority == Priority::batch)
        out["priority"] = "batch";
    if (!request.wait_ready)
        out["wait_ready"] = false;
    if (!request.client.empty())
        out["client"] = request.client;
    return dump_json(out);
}

std::string_view op_name(const Operation& operation) noexcept
{
    static constexpr std::array<std::string_view, std::variant_size_v<Operation>> names{
        "embed",  "tokenize", "decode", "info",   "status",          "health",    "metrics", "warmups",
        "rewarm", "reload",   "drain",  "resume", "restart_replica", "subscribe", "cancel"};
    return names[operation.index()];
}

} // namespace embedd::ipc
