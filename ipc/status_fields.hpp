#pragma once

#include "ipc/fields.hpp"
#include "ipc/status.hpp"

// The members of the status object by their names on the wire. Private to ipc/.
namespace embedd::ipc {

template <class V, Of<ModelStatus> M>
void describe(V& v, M& m)
{
    v("name", m.name);
    v("path", m.path);
    v("fingerprint", m.fingerprint);
    v("architecture", m.architecture);
    v("dtype", m.dtype);
    v("dimensions", m.dimensions);
    v("max_tokens", m.max_tokens);
    v("tasks", m.tasks);
}

template <class V, Of<PhaseStatus> M>
void describe(V& v, M& m)
{
    v("name", m.name);
    v("state", m.state);
    v("started_us", m.started_us);
    v("duration_us", m.duration_us);
    v("last_time_us", m.last_time_us);
    v("done", m.done);
    v("total", m.total);
    v("unit", m.unit);
    v("eta_us", m.eta_us);
    v("children", m.children);
}

template <class V, Of<DeviceStatus> M>
void describe(V& v, M& m)
{
    v("id", m.id);
    v("name", m.name);
    v("total_bytes", m.total_bytes);
    v("used_bytes", m.used_bytes);
    v("other_bytes", m.other_bytes);
    v("utilization", m.utilization);
    v("power_w", m.power_w);
    v("temperature_c", m.temperature_c);
    v("memory_utilization", m.memory_utilization);
    v("sm_clock_mhz", m.sm_clock_mhz);
    v("memory_clock_mhz", m.memory_clock_mhz);
    v("throttled", m.throttled);
}

template <class V, Of<ReplicaMemory> M>
void describe(V& v, M& m)
{
    v("weights_bytes", m.weights_bytes);
    v("active_bytes", m.active_bytes);
    v("reserved_bytes", m.reserved_bytes);
    v("peak_bytes", m.peak_bytes);
    v("graphs_bytes", m.graphs_bytes);
    v("rss_bytes", m.rss_bytes);
    v("alloc_retries", m.alloc_retries);
    v("ooms", m.ooms);
}

template <class V, Of<ReplicaStatus> M>
void describe(V& v, M& m)
{
    v("id", m.id);
    v("pid", m.pid);
    v("generation", m.generation);
    v("model_generation", m.model_generation);
    v("device", m.device);
    v("lanes", m.lanes);
    v.object("forward", [&m](auto& forward) {
        forward("p50_us", m.forward_p50_us);
        forward("p99_us", m.forward_p99_us);
    });
    v("last_batch_us", m.last_batch_us);
    v("errors", m.errors);
    v("state", m.state);
    v("restarts", m.restarts);
    v("batches", m.batches);
    v("tokens", m.tokens);
    v("busy_us", m.busy_us);
    v("inflight_tokens", m.inflight_tokens);
    v("warm_epoch", m.warm_epoch);
    v("memory", m.memory);
}

template <class V, Of<QueueStatus> M>
void describe(V& v, M& m)
{
    v("requests", m.requests);
    v("tokens", m.tokens);
    v("oldest_us", m.oldest_us);
    v("capacity_tokens", m.capacity_tokens);
}

template <class V, Of<LatencyStatus> M>
void describe(V& v, M& m)
{
    v("count", m.count);
    v("p50_us", m.p50_us);
    v("p90_us", m.p90_us);
    v("p99_us", m.p99_us);
    v("p999_us", m.p999_us);
    v("max_us", m.max_us);
    v("buckets", m.buckets);
}

template <class V, Of<LateRequests> M>
void describe(V& v, M& m)
{
    v("requests", m.requests);
    v("tokenize_us", m.tokenize_us);
    v("queue_us", m.queue_us);
    v("forward_us", m.forward_us);
    v("serialize_us", m.serialize_us);
    v("total_us", m.total_us);
}

template <class V, Of<BatchStatus> M>
void describe(V& v, M& m)
{
    v("max_tokens", m.max_tokens);
    v("mean_tokens", m.mean_tokens);
    v("padding_fraction", m.padding_fraction);
}

template <class V, Of<WarmUpCell> M>
void describe(V& v, M& m)
{
    v("stage", m.stage);
    v("task", m.task);
    v("rows", m.rows);
    v("length", m.length);
    v("rounds", m.rounds);
    v("concurrency", m.concurrency);
    v("first_us", m.first_us);
    v("control_us", m.control_us);
    v("steady_us", m.steady_us);
}

template <class V, Of<WarmUpReport> M>
void describe(V& v, M& m)
{
    v("started", m.started);
    v("duration_us", m.duration_us);
    v("result", m.result);
    v("stable", m.stable);
    v("ratio", m.ratio);
    v("ratio_worst", m.ratio_worst);
    v("cells", m.cells);
    v("memory_before_bytes", m.memory_before_bytes);
    v("memory_after_bytes", m.memory_after_bytes);
    v("memory_available_bytes", m.memory_available_bytes);
    v("max_batch_tokens", m.max_batch_tokens);
}

template <class V, Of<WarmUpRecord> M>
void describe(V& v, M& m)
{
    v("kind", m.kind);
    v("version", m.version);
    v("model", m.model);
    v("fingerprint", m.fingerprint);
    v("dtype", m.dtype);
    v("to_ready_us", m.to_ready_us);
    v("phases_us", m.phases_us);
    v("report", m.report);
}

template <class V, Of<ColdStart> M>
void describe(V& v, M& m)
{
    v("shapes", m.shapes);
    v("first_us", m.first_us);
    v("steady_us", m.steady_us);
}

template <class V, Of<ColdHit> M>
void describe(V& v, M& m)
{
    v("mono_us", m.mono_us);
    v("cause", m.cause);
    v("task", m.task);
    v("rows", m.rows);
    v("length", m.length);
    v("took_us", m.took_us);
    v("expected_us", m.expected_us);
}

template <class V, Of<ColdHits> M>
void describe(V& v, M& m)
{
    v("total", m.total);
    v("by_cause", m.by_cause);
    v("recent", m.recent);
}

template <class V, Of<IdleCost> M>
void describe(V& v, M& m)
{
    v("after_us", m.after_us);
    v("ratio", m.ratio);
}

template <class V, Of<IdleStatus> M>
void describe(V& v, M& m)
{
    v("mode", m.mode);
    v("cost", m.cost);
    v("ticks", m.ticks);
    v("cpu_fraction", m.cpu_fraction);
}

template <class V, Of<WarmUpStatus> M>
void describe(V& v, M& m)
{
    v("state", m.state);
    v("epoch", m.epoch);
    v("plan_cells", m.plan_cells);
    v("last", m.last);
    v("cold_hits", m.cold_hits);
    v("cold_start", m.cold_start);
    v("idle", m.idle);
}

template <class V, Of<ClientStatus> M>
void describe(V& v, M& m)
{
    v("pid", m.pid);
    v("uid", m.uid);
    v("command", m.command);
    v("client", m.client);
    v("connections", m.connections);
    v("inflight", m.inflight);
    v("requests", m.requests);
    v("tokens", m.tokens);
    v("rejected", m.rejected);
}

template <class V, Of<OtherClients> M>
void describe(V& v, M& m)
{
    v("connections", m.connections);
    v("inflight", m.inflight);
    v("requests", m.requests);
    v("tokens", m.tokens);
    v("rejected", m.rejected);
}

template <class V, Of<Counters> M>
void describe(V& v, M& m)
{
    v("requests", m.requests);
    v("inputs", m.inputs);
    v("tokens", m.tokens);
    v("errors", m.errors);
    v("retries", m.retries);
    v("restarts", m.restarts);
    v("cancelled", m.cancelled);
}

template <class V, Of<Event> M>
void describe(V& v, M& m)
{
    v("seq", m.seq);
    v("mono_us", m.mono_us);
    v("level", m.level);
    v("text", m.text);
}

template <class V, Of<ReloadStatus> M>
void describe(V& v, M& m)
{
    v("state", m.state);
    v("model", m.model);
    v("reason", m.reason);
    v("started_us", m.started_us);
    v("duration_us", m.duration_us);
}

template <class V, Of<Status> M>
void describe(V& v, M& m)
{
    v("schema", m.schema);
    v("state", m.state);
    v("reason", m.reason);
    v("mono_us", m.mono_us);
    v("version", m.version);
    v("pid", m.pid);
    v("uptime_us", m.uptime_us);
    v("ready_at_us", m.ready_at_us);
    v("status_text", m.status_text);
    v("may", m.may);
    v("model", m.model);
    v("phases", m.phases);
    v("serving", m.serving);
    v("reload", m.reload);
    v("devices", m.devices);
    v("replicas", m.replicas);
    v("queue", m.queue);
    v("latency", m.latency);
    v("late", m.late);
    v("batch", m.batch);
    v("warmup", m.warmup);
    v("clients", m.clients);
    v("other_clients", m.other_clients);
    v("counters", m.counters);
    v("events", m.events);
}

} // namespace embedd::ipc
