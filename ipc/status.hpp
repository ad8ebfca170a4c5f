#pragma once

#include "ipc/error.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace embedd::ipc {

// The whole state of a daemon, as `status` answers it (docs/protocol.md). Units are in the names; an unknown
// number is nothing here and null on the wire. Counters and buckets are cumulative: a viewer subtracts two of
// them.

struct ModelStatus {
    std::string name, path, fingerprint, architecture, dtype;
    std::uint64_t dimensions = 0, max_tokens = 0;
    std::vector<std::string> tasks;

    friend bool operator==(const ModelStatus&, const ModelStatus&) = default;
};

struct PhaseStatus {
    std::string name;
    std::string state = "pending"; // pending, running, done, failed, skipped
    std::optional<std::uint64_t> started_us, duration_us, last_time_us; // started: since exec
    std::optional<std::uint64_t> done, total;
    std::string unit;
    std::optional<std::uint64_t> eta_us;
    std::vector<PhaseStatus> children;

    friend bool operator==(const PhaseStatus&, const PhaseStatus&) = default;
};

struct DeviceStatus {
    std::string id, name;
    std::optional<std::uint64_t> total_bytes, used_bytes, other_bytes; // other: of none of our workers
    std::optional<double> utilization, power_w, temperature_c;
    std::optional<double> memory_utilization; // share of time in which memory was read or written
    std::optional<std::uint64_t> sm_clock_mhz, memory_clock_mhz;
    std::optional<std::vector<std::string>> throttled; // why clocks are held down; empty: they are not

    friend bool operator==(const DeviceStatus&, const DeviceStatus&) = default;
};

struct ReplicaMemory {
    std::optional<std::uint64_t> weights_bytes, active_bytes, reserved_bytes, peak_bytes, graphs_bytes,
        rss_bytes;
    std::optional<std::uint64_t> alloc_retries, ooms;

    friend bool operator==(const ReplicaMemory&, const ReplicaMemory&) = default;
};

struct ReplicaStatus {
    std::uint64_t id = 0;
    std::optional<std::int64_t> pid;
    std::uint64_t generation = 0;       // of the process: grows with each spawn
    std::uint64_t model_generation = 0; // of the model it computes: grows with each reload
    std::string device;
    std::uint64_t lanes = 0;
    std::optional<std::uint64_t> forward_p50_us, forward_p99_us; // on the wire: "forward":{"p50_us","p99_us"}
    std::optional<std::uint64_t> last_batch_us;                  // since exec
    std::uint64_t errors = 0;
    std::string state; // starting, loading, warming, ready, busy, unhealthy, dead
    std::uint64_t restarts = 0, batches = 0, tokens = 0, busy_us = 0, inflight_tokens = 0, warm_epoch = 0;
    ReplicaMemory memory;

    friend bool operator==(const ReplicaStatus&, const ReplicaStatus&) = default;
};

struct QueueStatus {
    std::uint64_t requests = 0, tokens = 0;
    std::optional<std::uint64_t> oldest_us;
    std::uint64_t capacity_tokens = 0;

    friend bool operator==(const QueueStatus&, const QueueStatus&) = default;
};

struct LatencyStatus {
    std::uint64_t count = 0;
    std::optional<std::uint64_t> p50_us, p90_us, p99_us, p999_us, max_us;
    std::vector<std::pair<std::uint64_t, std::uint64_t>>
        buckets; // upper bound in µs, count; empty ones left out

    friend bool operator==(const LatencyStatus&, const LatencyStatus&) = default;
};

// Requests that took longer than nearly all others, and how long each stage of them took (docs/protocol.md).
struct LateRequests {
    std::uint64_t requests = 0;
    std::uint64_t tokenize_us = 0, queue_us = 0, forward_us = 0, serialize_us = 0;
    std::uint64_t total_us = 0; // more than the stages: the rest is between them

    friend bool operator==(const LateRequests&, const LateRequests&) = default;
};

struct BatchStatus {
    std::optional<std::uint64_t> max_tokens;
    std::optional<double> mean_tokens, padding_fraction;

    friend bool operator==(const BatchStatus&, const BatchStatus&) = default;
};

// One shape of a warm-up's plan and what was measured there. lengths and memory: thread CPU time in a lane;
// concurrency and verify: a client's time through the socket.
struct WarmUpCell {
    std::string stage; // lengths, memory, concurrency, verify
    std::string task;
    std::uint64_t rows = 0, length = 0, rounds = 0;
    std::uint64_t concurrency = 1; // batches, or clients, at a time
    std::optional<std::uint64_t> first_us, control_us, steady_us;

    friend bool operator==(const WarmUpCell&, const WarmUpCell&) = default;
};

struct WarmUpReport {
    std::string started; // RFC 3339, UTC
    std::uint64_t duration_us = 0;
    std::string result = "done"; // done, missed (the promise), unproven (not verified), cancelled, failed
    bool stable = true;          // every timed shape settled before the budget was spent
    std::optional<double> ratio, ratio_worst; // first request ÷ control: median over lengths, worst length
    std::vector<WarmUpCell> cells;
    std::optional<std::uint64_t> memory_before_bytes, memory_after_bytes;
    std::optional<std::uint64_t> memory_available_bytes; // of the host or the control group, afterwards
    std::optional<std::uint64_t> max_batch_tokens;

    friend bool operator==(const WarmUpReport&, const WarmUpReport&) = default;
};

// One warm-up of the past, as the state directory keeps it.
struct WarmUpRecord {
    std::string kind = "start"; // start, rewarm
    std::string version, model, fingerprint, dtype;
    std::optional<std::uint64_t> to_ready_us;       // exec to READY; a re-warm has none
    std::map<std::string, std::uint64_t> phases_us; // by the phase's name
    WarmUpReport report;

    friend bool operator==(const WarmUpRecord&, const WarmUpRecord&) = default;
};

struct ColdHit {
    std::uint64_t mono_us = 0;
    std::string cause, task;
    std::uint64_t rows = 0, length = 0; // length: of the batch's longest input
    std::optional<std::uint64_t> took_us, expected_us;

    friend bool operator==(const ColdHit&, const ColdHit&) = default;
};

struct ColdHits {
    std::uint64_t total = 0;
    std::map<std::string, std::uint64_t> by_cause;
    std::vector<ColdHit> recent;

    friend bool operator==(const ColdHits&, const ColdHits&) = default;
};

struct IdleCost {
    std::uint64_t after_us = 0;
    double ratio = 0;

    friend bool operator==(const IdleCost&, const IdleCost&) = default;
};

struct IdleStatus {
    std::string mode = "off";
    std::vector<IdleCost> cost;
    std::uint64_t ticks = 0;
    std::optional<double> cpu_fraction;

    friend bool operator==(const IdleStatus&, const IdleStatus&) = default;
};

// What the first batch of each shape cost beyond a later one, where warm-up was left out: what it would have
// saved clients.
struct ColdStart {
    std::uint64_t shapes = 0;
    std::uint64_t first_us = 0, steady_us = 0; // summed over the shapes that came more than once

    friend bool operator==(const ColdStart&, const ColdStart&) = default;
};

struct WarmUpStatus {
    std::string state = "pending"; // pending, running, done, failed, skipped
    std::uint64_t epoch = 0;
    std::optional<std::uint64_t> plan_cells;
    std::optional<WarmUpReport> last;
    ColdHits cold_hits;
    std::optional<ColdStart> cold_start;
    IdleStatus idle;

    friend bool operator==(const WarmUpStatus&, const WarmUpStatus&) = default;
};

struct ClientStatus {
    std::optional<std::int64_t> pid;
    std::uint64_t uid = 0;
    std::optional<std::string> command;
    std::string client;
    std::uint64_t connections = 0, inflight = 0, requests = 0, tokens = 0, rejected = 0;

    friend bool operator==(const ClientStatus&, const ClientStatus&) = default;
};

// All who are connected under other uids, summed.
struct OtherClients {
    std::uint64_t connections = 0, inflight = 0, requests = 0, tokens = 0, rejected = 0;

    friend bool operator==(const OtherClients&, const OtherClients&) = default;
};

struct Counters {
    std::uint64_t requests = 0, inputs = 0, tokens = 0;
    std::map<std::string, std::uint64_t> errors; // by error type
    std::uint64_t retries = 0, restarts = 0, cancelled = 0;

    friend bool operator==(const Counters&, const Counters&) = default;
};

struct Event {
    std::uint64_t seq = 0, mono_us = 0;
    std::string level, text;

    friend bool operator==(const Event&, const Event&) = default;
};

// The last time another model, or this one anew, was asked for.
struct ReloadStatus {
    std::string state = "none";                           // running, done, failed
    std::string model;                                    // the directory asked for
    std::string reason;                                   // why it failed; the old model serves
    std::optional<std::uint64_t> started_us, duration_us; // since the daemon's start

    friend bool operator==(const ReloadStatus&, const ReloadStatus&) = default;
};

struct Status {
    std::uint64_t schema = 1;
    std::string state = "starting";
    std::string reason;
    std::uint64_t mono_us = 0;
    std::string version;
    std::int64_t pid = 0;
    std::uint64_t uptime_us = 0;
    std::optional<std::uint64_t> ready_at_us;
    std::string status_text;
    std::vector<std::string> may; // admin ops this peer is allowed
    std::optional<ModelStatus> model;
    std::vector<PhaseStatus> phases;
    bool serving = false;
    ReloadStatus reload;
    std::vector<DeviceStatus> devices;
    std::vector<ReplicaStatus> replicas;
    QueueStatus queue;
    std::map<std::string, std::map<std::string, LatencyStatus>> latency; // task, stage
    LateRequests late;
    BatchStatus batch;
    WarmUpStatus warmup;
    std::vector<ClientStatus> clients;         // of the peer's own uid; an admin sees all
    std::optional<OtherClients> other_clients; // nothing for an admin
    Counters counters;
    std::vector<Event> events;

    friend bool operator==(const Status&, const Status&) = default;
};

[[nodiscard]] nlohmann::json to_json(const Status&);
[[nodiscard]] nlohmann::json to_json(const ModelStatus&);
[[nodiscard]] nlohmann::json to_json(const WarmUpRecord&);

// Reads what another version may have written: unknown fields are ignored, a missing one keeps its default, a
// field of the wrong type is an error that names it.
[[nodiscard]] Result<Status> status_from_json(const nlohmann::json&);
[[nodiscard]] Result<WarmUpRecord> warm_up_record_from_json(const nlohmann::json&);

} // namespace embedd::ipc
