#include "ipc/admin_request.hpp"

namespace embedd::ipc {

namespace {

constexpr std::uint64_t largest_length = 1 << 20; // tokens
constexpr std::uint64_t largest_replica = 1 << 20;
constexpr std::size_t path_bytes = 4096;

} // namespace

RewarmRequest read_rewarm(Fields& fields)
{
    constexpr std::size_t task_bytes = 64;
    constexpr std::size_t lengths_max = 1024;
    RewarmRequest request;
    request.task = fields.string("task", task_bytes);
    if (const auto lengths = fields.take("lengths")) {
        if (!lengths->is_array() || lengths->size() > lengths_max)
            refuse("'lengths' must be a list of at most " + std::to_string(lengths_max) + " token counts");
        for (const auto& length : *lengths) {
            if (!length.is_number_unsigned() || length == 0 || length > largest_length)
                refuse("'lengths' must hold token counts from 1 to " + std::to_string(largest_length));
            request.lengths.push_back(length.get<std::uint64_t>());
        }
    }
    request.dry_run = fields.boolean("dry_run").value_or(false);
    return request;
}

ReloadRequest read_reload(Fields& fields)
{
    ReloadRequest request;
    request.model = fields.string("model", path_bytes);
    if (request.model && request.model->empty())
        refuse("'model' is empty: name a directory, or leave it out to load the same one again");
    request.in_place = fields.boolean("in_place").value_or(false);
    request.dry_run = fields.boolean("dry_run").value_or(false);
    return request;
}

RestartReplicaRequest read_restart_replica(Fields& fields)
{
    RestartReplicaRequest request;
    const auto replica = fields.whole("replica", 0, largest_replica);
    if (!replica)
        refuse("'replica' is missing: the id of one, as status lists them");
    request.replica = *replica;
    request.dry_run = fields.boolean("dry_run").value_or(false);
    return request;
}

void write(nlohmann::json& out, const RewarmRequest& request)
{
    if (request.task)
        out["task"] = *request.task;
    if (!request.lengths.empty())
        out["lengths"] = request.lengths;
    if (request.dry_run)
        out["dry_run"] = true;
}

void write(nlohmann::json& out, const ReloadRequest& request)
{
    if (request.model)
        out["model"] = *request.model;
    if (request.in_place)
        out["in_place"] = true;
    if (request.dry_run)
        out["dry_run"] = true;
}

void write(nlohmann::json& out, const RestartReplicaRequest& request)
{
    out["replica"] = request.replica;
    if (request.dry_run)
        out["dry_run"] = true;
}

} // namespace embedd::ipc
