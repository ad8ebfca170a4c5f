#include "console/presentation/status_view.hpp"

#include "console/presentation/operating_view.hpp"
#include "console/presentation/table.hpp"
#include "console/presentation/units.hpp"
#include "console/presentation/warm_up_view.hpp"

#include <cstddef>
#include <string_view>

namespace embedd::console {

namespace {

std::string row(std::string_view label, const std::string& value)
{
    return padded(std::string{label}, 12) + value + '\n';
}

std::string work(const ipc::PhaseStatus& phase)
{
    if (!phase.done)
        return "";
    const bool bytes = phase.unit == "bytes";
    const auto amount = [&](std::uint64_t n) { return bytes ? format_bytes(n) : format_count(n); };
    auto text = amount(*phase.done);
    if (phase.total && phase.state == "running")
        text += " of " + amount(*phase.total);
    return bytes ? text : text + ' ' + printable(phase.unit);
}

void describe_phases(std::string& out, const std::vector<ipc::PhaseStatus>& phases, std::size_t depth)
{
    for (const auto& phase : phases) {
        out += "  " + std::string(2 * depth, ' ') + padded(printable(phase.name), 22 - 2 * depth);
        out += padded(printable(phase.state), 9) + padded(format_duration(phase.duration_us), 12);
        out += work(phase);
        if (phase.state == "running" && phase.eta_us)
            out += ", about " + format_duration(phase.eta_us) + " left";
        while (out.back() == ' ')
            out.pop_back();
        out += '\n';
        describe_phases(out, phase.children, depth + 1);
    }
}

std::string describe_model(const ipc::ModelStatus& model)
{
    return printable(model.name) + ", " + printable(model.architecture) + ", " + printable(model.dtype) +
           ", " + format_count(model.dimensions) + " dimensions, inputs to " +
           format_count(model.max_tokens) + " tokens";
}

std::string describe_replica(const ipc::ReplicaStatus& replica)
{
    auto text =
        "#" + std::to_string(replica.id) + ' ' + printable(replica.state) + ", " +
        (replica.model_generation > 1 ? "model " + std::to_string(replica.model_generation) + ", " : "") +
        printable(replica.device) + ", " + std::to_string(replica.lanes) + " lanes, " +
        format_count(replica.batches) + " batches, " + format_count(replica.tokens) + " tokens, " +
        std::to_string(replica.restarts) + " restarts";
    if (replica.pid)
        text += ", pid " + std::to_string(*replica.pid);
    if (replica.memory.rss_bytes)
        text += ", " + format_bytes(*replica.memory.rss_bytes) + " resident";
    return text;
}

std::string describe_warm_up(const ipc::WarmUpStatus& warmup)
{
    constexpr std::size_t hits_shown = 3;
    auto out = row("warm-up", summary(warmup));
    if (warmup.cold_start)
        out += row("cold start", describe(*warmup.cold_start));
    for (const auto& hit : last_cold_hits(warmup.cold_hits, hits_shown))
        out += row("cold hit", hit);
    return out;
}

} // namespace

std::string headline(const ipc::Status& status)
{
    auto text = printable(status.state);
    if (!status.reason.empty())
        return text + ": " + printable(status.reason);
    if (!status.serving && !status.status_text.empty())
        return printable(status.status_text);
    return text;
}

std::string describe(const ipc::Status& status)
{
    std::string out = row("state", headline(status));
    out += row("daemon", "embedd " + printable(status.version) + ", pid " + std::to_string(status.pid) +
                             ", up " + format_duration(status.uptime_us));
    if (status.model)
        out += row("model", describe_model(*status.model));
    if (const auto reload = summary(status.reload); !reload.empty())
        out += row("reload", reload);
    if (status.ready_at_us)
        out += row("ready", format_duration(status.ready_at_us) + " after start");
    out += describe_warm_up(status.warmup);
    if (!status.phases.empty()) {
        out += "phases\n";
        describe_phases(out, status.phases, 0);
    }
    for (const auto& replica : status.replicas)
        out += row("replica", describe_replica(replica));
    out +=
        row("queue", format_count(status.queue.requests) + " requests, " + format_count(status.queue.tokens) +
                         " of " + format_count(status.queue.capacity_tokens) + " tokens");
    out += row("served", format_count(status.counters.requests) + " requests, " +
                             format_count(status.counters.inputs) + " inputs, " +
                             format_count(status.counters.tokens) + " tokens");
    for (const auto& [task, stages] : status.latency) {
        const auto total = stages.find("total");
        if (total != stages.end() && total->second.count > 0)
            out += row("latency", printable(task) + " p50 " + format_duration(total->second.p50_us) +
                                      ", p99 " + format_duration(total->second.p99_us) + ", max " +
                                      format_duration(total->second.max_us));
    }
    return out;
}

std::string describe(const ipc::InfoReply& info)
{
    std::string out = row("model", describe_model(info.model));
    out += row("path", printable(info.model.path));
    out += row("fingerprint", printable(info.model.fingerprint));
    out += row("pooling", printable(info.pooling) + (info.normalize ? ", normalised" : ""));
    for (const auto& [name, prompt] : info.prompts)
        out += row("prompt", printable(name) + ": " + printable(prompt));
    out +=
        row("limits", format_count(info.max_inputs) + " inputs and " + format_bytes(info.max_request_bytes) +
                          " a request, longer inputs are " + (info.auto_truncate ? "cut" : "refused"));
    out += row("batch", format_count(info.max_batch_tokens) + " tokens at most");
    out += row("version", printable(info.version));
    return out;
}

} // namespace embedd::console
