#include "ipc/worker_protocol.hpp"

#include "ipc/json.hpp"
#include "ipc/status_fields.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace embedd::ipc {

// Not in an unnamed namespace: argument-dependent look-up must find them from fields.hpp.
template <class V, Of<RunBatch> M>
void describe(V& v, M& m)
{
    v("batch", m.batch);
    v("task", m.task);
    v("inputs", m.inputs);
    v("tokens", m.tokens);
    v("has_type_ids", m.has_type_ids);
}

template <class V, Of<VisitShape> M>
void describe(V& v, M& m)
{
    v("batch", m.batch);
    v("task", m.task);
    v("rows", m.rows);
    v("length", m.length);
    v("uneven", m.uneven);
    v("passes", m.passes);
}

template <class V, Of<Stop> M>
void describe(V&, M&)
{
}

template <class V, Of<LoadProgress> M>
void describe(V& v, M& m)
{
    v("phase", m.phase);
    v("finished", m.finished);
    v("done", m.done);
    v("total", m.total);
    v("unit", m.unit);
}

template <class V, Of<ModelCard> M>
void describe(V& v, M& m)
{
    v("model", m.model);
    v("pooling", m.pooling);
    v("normalize", m.normalize);
    v("vocabulary", m.vocabulary);
    v("type_ids", m.type_ids);
    v("prompts", m.prompts);
    v("default_prompt_name", m.default_prompt_name);
}

template <class V, Of<Loaded> M>
void describe(V& v, M& m)
{
    v("card", m.card);
    v("lanes", m.lanes);
    v("device_id", m.device_id);
    v("device_name", m.device_name);
    v("weights_bytes", m.weights_bytes);
    v("resident_bytes", m.resident_bytes);
    v("rungs", m.rungs);
}

template <class V, Of<Visited> M>
void describe(V& v, M& m)
{
    v("batch", m.batch);
    v("device_us", m.device_us);
    v("finite", m.finite);
    v("resident_bytes", m.resident_bytes);
}

template <class V, Of<WorkerDescription> M>
void describe(V& v, M& m)
{
    v("name", m.name);
    v("dtype", m.dtype);
    v("max_tokens", m.max_tokens);
    v("lanes", m.lanes);
    v("tasks", m.tasks);
    v("rungs", m.rungs);
    v("operations_a_row", m.operations_a_row);
}

template <class V, Of<BatchDone> M>
void describe(V& v, M& m)
{
    v("batch", m.batch);
    v("rows", m.rows);
    v("forward_us", m.forward_us);
    v("device_us", m.device_us);
    v("page_faults", m.page_faults);
    v("allocated", m.allocated);
    v("captured", m.captured);
}

// The wire carries the fault's place in its enumeration: both ends are of one build.
template <class V, Of<BatchFailed> M>
void describe(V& v, M& m)
{
    auto fault = static_cast<std::uint8_t>(m.fault);
    v("batch", m.batch);
    v("fault", fault);
    v("message", m.message);
    if constexpr (!std::is_const_v<M>)
        m.fault = fault == 0   ? BatchFault::out_of_memory
                  : fault == 1 ? BatchFault::rejected
                               : BatchFault::internal;
}

template <class V, Of<RunningBatch> M>
void describe(V& v, M& m)
{
    v("batch", m.batch);
    v("running_us", m.running_us);
}

template <class V, Of<HeartBeat> M>
void describe(V& v, M& m)
{
    v("running", m.running);
    v("step", m.step);
    v("memory", m.memory);
    v("device", m.device);
}

template <class V, Of<WorkerFailed> M>
void describe(V& v, M& m)
{
    v("exit_code", m.exit_code);
    v("message", m.message);
}

namespace {

// The "type" of each message, in the order of its variant.
constexpr std::array<const char*, std::variant_size_v<DaemonMessage>> daemon_types{"run_batch", "visit_shape",
                                                                                   "stop"};
constexpr std::array<const char*, std::variant_size_v<WorkerMessage>> worker_types{
    "load_progress", "loaded", "batch_done", "visited", "batch_failed", "heart_beat", "worker_failed"};

template <class Variant>
std::string header_of(const Variant& message, std::span<const char* const> types)
{
    auto json = std::visit([](const auto& alternative) { return FieldWriter::whole(alternative); }, message);
    json["type"] = types[message.index()];
    return dump_json(json);
}

template <class Variant, std::size_t Index = 0>
Result<Variant> parse_as(const nlohmann::json& json, std::size_t index)
{
    if constexpr (Index == std::variant_size_v<Variant>) {
        return Error{ErrorType::bad_request, "type names no message of this channel", {}};
    } else {
        if (index != Index)
            return parse_as<Variant, Index + 1>(json, index);
        auto message = FieldReader::whole<std::variant_alternative_t<Index, Variant>>(json, Missing::refused);
        if (!message)
            return std::move(message).error();
        return Variant{std::move(*message)};
    }
}

template <class Variant>
Result<Variant> parse(std::string_view header, std::span<const char* const> types)
{
    const auto json = parse_json(header);
    if (!json)
        return json.error();
    const auto type = json->is_object() ? json->find("type") : json->end();
    if (type == json->end() || !type->is_string())
        return Error{ErrorType::bad_request, "type is missing", {}};
    const auto place = std::ranges::find(types, type->get_ref<const std::string&>());
    return parse_as<Variant>(*json, static_cast<std::size_t>(place - types.begin()));
}

} // namespace

std::string to_header(const DaemonMessage& message)
{
    return header_of(message, daemon_types);
}

std::string to_line(const WorkerDescription& description)
{
    return dump_json(FieldWriter::whole(description)) + '\n';
}

Result<WorkerDescription> parse_worker_description(std::string_view line)
{
    const auto json = parse_json(line);
    if (!json)
        return json.error();
    return FieldReader::whole<WorkerDescription>(*json, Missing::refused);
}

std::string to_header(const WorkerMessage& message)
{
    return header_of(message, worker_types);
}

Result<DaemonMessage> parse_daemon_message(std::string_view header)
{
    return parse<DaemonMessage>(header, daemon_types);
}

Result<WorkerMessage> parse_worker_message(std::string_view header)
{
    return parse<WorkerMessage>(header, worker_types);
}

std::vector<std::byte> encode_batch(std::span<const std::span<const std::int32_t>> inputs)
{
    std::vector<std::int32_t> numbers;
    for (const auto& input : inputs)
        numbers.push_back(static_cast<std::int32_t>(input.size()));
    for (const auto& input : inputs)
        numbers.insert(numbers.end(), input.begin(), input.end());
    const auto bytes = std::as_bytes(std::span{numbers});
    return {bytes.begin(), bytes.end()};
}

Result<BatchInputs> decode_batch(const RunBatch& run, std::span<const std::byte> payload)
{
    const auto refuse = [](const char* why) { return Error{ErrorType::bad_request, why, {}}; };
    const std::uint64_t inputs = run.inputs;
    const std::uint64_t tokens = run.tokens;
    const auto wanted = (inputs + tokens * (run.has_type_ids ? 2 : 1)) * sizeof(std::int32_t);
    if (payload.size() != wanted)
        return refuse("the batch's payload does not have the size its counts ask for");
    const auto numbers = [&payload](std::uint64_t first, std::uint64_t count) {
        std::vector<std::int32_t> list(count);
        if (count > 0)
            std::memcpy(list.data(), payload.data() + first * sizeof(std::int32_t),
                        count * sizeof(std::int32_t));
        return list;
    };
    BatchInputs batch;
    batch.offsets.push_back(0);
    std::uint64_t sum = 0;
    for (const std::int32_t length : numbers(0, inputs)) {
        if (length <= 0 || static_cast<std::uint64_t>(length) > tokens - sum)
            return refuse("the batch's lengths do not add up to its tokens");
        sum += static_cast<std::uint64_t>(length);
        batch.offsets.push_back(static_cast<std::int32_t>(sum));
    }
    if (sum != tokens || inputs == 0)
        return refuse("the batch's lengths do not add up to its tokens");
    batch.ids = numbers(inputs, tokens);
    if (run.has_type_ids)
        batch.type_ids = numbers(inputs + tokens, tokens);
    return batch;
}

} // namespace embedd::ipc
