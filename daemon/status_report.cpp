#include "daemon/status_report.hpp"

#include "daemon/administration.hpp"

#include <unistd.h>

namespace embedd::daemon {

namespace {

std::uint64_t microseconds(Clock::duration span)
{
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

} // namespace

ipc::Status report_status(const StatusSources& from, bool for_admin, uid_t uid, Clock::time_point now)
{
    ipc::Status status;
    if (for_admin)
        status.may.assign(Administration::ops().begin(), Administration::ops().end());
    status.state = to_string(from.lifecycle.state());
    status.reason = from.lifecycle.reason();
    status.mono_us = microseconds(now.time_since_epoch());
    status.version = EMBEDD_VERSION;
    status.pid = ::getpid();
    status.uptime_us = microseconds(now - from.exec);
    if (const auto ready = from.lifecycle.ready_at())
        status.ready_at_us = microseconds(*ready - from.exec);
    status.status_text = from.lifecycle.status_text(now);
    status.serving = from.lifecycle.serving();
    status.reload = from.reload;
    status.phases = from.lifecycle.phases(now);
    if (from.card)
        status.model = from.card->model;

    status.devices = from.generations.devices(now);
    status.replicas = from.generations.replicas(now);
    status.queue = from.generations.queue(now);
    status.batch = from.generations.current().batch();
    status.latency = from.metrics.latency();
    status.late = from.metrics.late();
    status.warmup.state = from.warm_up.state;
    status.warmup.epoch = from.warm_up.epoch;
    status.warmup.plan_cells = from.generations.current().plan_cells();
    status.warmup.last = from.warm_up.last;
    status.warmup.cold_hits = from.metrics.cold_hits();
    status.warmup.cold_start = from.generations.current().cold_start();
    status.clients = from.clients.list(for_admin ? std::nullopt : std::optional(uid));
    if (!for_admin)
        status.other_clients = from.clients.others(uid);
    status.counters = from.metrics.counters();
    const auto engine = from.generations.counters();
    status.counters.retries = engine.retries;
    status.counters.restarts = engine.restarts;
    status.events = from.events.recent();
    return status;
}

ipc::Sample report_sample(const StatusSources& from, std::size_t under_way, Clock::time_point now)
{
    ipc::Sample sample;
    sample.mono_us = microseconds(now.time_since_epoch());
    sample.state = to_string(from.lifecycle.state());
    sample.warm_epoch = from.warm_up.epoch;
    const auto counters = from.metrics.counters();
    sample.requests = counters.requests;
    sample.inputs = counters.inputs;
    sample.tokens = counters.tokens;
    for (const auto& [type, count] : counters.errors)
        sample.errors += count;
    const auto engine = from.generations.counters();
    sample.batches = engine.batches;
    sample.batch_tokens = engine.batch_tokens;
    sample.cold_hits = from.metrics.cold_hits().total;
    sample.restarts = engine.restarts;
    sample.busy_us = engine.busy_us;
    const auto queue = from.generations.queue(now);
    sample.queue_requests = queue.requests;
    sample.queue_tokens = queue.tokens;
    sample.oldest_us = queue.oldest_us;
    sample.inflight = under_way;
    for (const auto& replica : from.generations.replicas(now))
        sample.resident_bytes += replica.memory.rss_bytes.value_or(0);
    const auto late = from.metrics.late();
    sample.late_requests = late.requests;
    sample.late_tokenize_us = late.tokenize_us;
    sample.late_queue_us = late.queue_us;
    sample.late_forward_us = late.forward_us;
    sample.late_serialize_us = late.serialize_us;
    sample.late_total_us = late.total_us;
    sample.latency = from.metrics.latency_classes();
    return sample;
}

} // namespace embedd::daemon
