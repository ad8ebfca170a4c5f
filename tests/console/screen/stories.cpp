#include "tests/console/screen/scenes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace embedd::console::screen::test {

namespace {

constexpr std::uint64_t second_us = 1'000'000;
constexpr std::uint64_t first_request_s = 20;

// Requests until then: about a hundred a second, with a slow wave.
std::uint64_t requests_until(std::uint64_t second)
{
    std::uint64_t requests = 0;
    for (auto s = first_request_s; s < second; ++s)
        requests += 100 + 10 * (s % 12);
    return requests;
}

ipc::LatencyStatus latency(std::uint64_t requests, std::uint64_t slow, std::uint64_t middle_us)
{
    ipc::LatencyStatus status;
    status.count = requests + slow;
    status.buckets = {{middle_us * 3 / 4, requests / 4},
                      {middle_us, requests - requests / 4 - requests / 10},
                      {middle_us * 3 / 2, requests / 10},
                      {middle_us * 6, slow}};
    status.max_us = middle_us * 6 - 1;
    return status;
}

ipc::ModelStatus mini()
{
    return {.name = "all-MiniLM-L6-v2",
            .path = "/models/mini",
            .fingerprint = "f00d",
            .architecture = "BertModel",
            .dtype = "bfloat16",
            .dimensions = 384,
            .max_tokens = 256,
            .tasks = {"embed"}};
}

ipc::PhaseStatus phase(std::string name, std::uint64_t started_us, std::uint64_t took_us)
{
    ipc::PhaseStatus done{.name = std::move(name), .state = "done"};
    done.started_us = started_us;
    done.duration_us = took_us;
    done.last_time_us = took_us + took_us / 10;
    return done;
}

} // namespace

ipc::WarmUpReport report()
{
    ipc::WarmUpReport report;
    report.started = "2026-11-21T09:00:00Z";
    report.duration_us = 1'310'000;
    report.ratio = 1.012;
    report.ratio_worst = 1.08;
    report.memory_available_bytes = 4 * gib;
    report.max_batch_tokens = 512;
    for (const std::uint64_t rows : {8, 64, 256, 512})
        report.cells.push_back({.stage = "lengths",
                                .task = "embed",
                                .rows = rows,
                                .length = rows / 2,
                                .rounds = 3,
                                .first_us = 900 + rows * 60,
                                .steady_us = 800 + rows * 55});
    return report;
}

ipc::Status serving(std::uint64_t second, std::size_t replicas)
{
    ipc::Status status;
    status.state = "ready";
    status.serving = true;
    status.version = "1.2.3";
    status.pid = 4711;
    status.mono_us = 5'000 * second_us + second * second_us;
    status.uptime_us = second * second_us;
    status.ready_at_us = 12 * second_us;
    status.may = {"rewarm", "reload", "drain", "resume", "restart_replica"};
    status.model = mini();
    const auto requests = requests_until(second);
    status.counters.requests = status.counters.inputs = requests;
    status.counters.tokens = requests * 32;
    status.counters.errors["overloaded"] = requests / 1000;
    for (std::uint64_t id = 0; id < replicas; ++id) {
        ipc::ReplicaStatus replica;
        replica.id = id;
        replica.pid = 4712 + static_cast<std::int64_t>(id);
        replica.device = "cpu";
        replica.lanes = 2;
        replica.state = id % 2 == 0 ? "ready" : "busy";
        replica.forward_p50_us = 4'100 + 50 * id;
        replica.forward_p99_us = 9'800 + 50 * id;
        replica.batches = requests / (4 * replicas);
        replica.tokens = requests * 32 / replicas;
        replica.busy_us = requests * 4'000 / replicas;
        replica.warm_epoch = 1;
        replica.memory.rss_bytes = 340 * mib;
        status.replicas.push_back(replica);
    }
    const auto slow = requests / 200;
    auto& stages = status.latency["embed"];
    stages["queue"] = latency(requests - slow, slow, 1'023);
    stages["tokenize"] = latency(requests - slow, slow, 175);
    stages["forward"] = latency(requests - slow, slow, 4'095);
    stages["serialize"] = latency(requests - slow, slow, 120);
    stages["total"] = latency(requests - slow, slow, 5'631);
    status.late = {.requests = requests / 100,
                   .tokenize_us = requests * 2,
                   .queue_us = requests * 100,
                   .forward_us = requests * 140,
                   .serialize_us = requests * 2,
                   .total_us = requests * 246};
    status.queue = {
        .requests = 3 + second % 4, .tokens = 128, .oldest_us = 9'100, .capacity_tokens = 2'000'000};
    status.warmup.state = "done";
    status.warmup.epoch = 1;
    status.warmup.last = report();
    status.clients = {{.pid = 991,
                       .uid = 1000,
                       .command = "python3",
                       .client = "indexer",
                       .connections = 4,
                       .inflight = 3,
                       .requests = requests,
                       .tokens = requests * 32}};
    status.events = {{.seq = 1, .mono_us = 5'000 * second_us, .level = "info", .text = "listening"},
                     {.seq = 2, .mono_us = 5'012 * second_us, .level = "info", .text = "ready"}};
    return status;
}

ipc::Status starting()
{
    auto status = serving(8, 1);
    status.state = "warming";
    status.serving = false;
    status.ready_at_us.reset();
    status.uptime_us = 7'600'000;
    status.status_text = "warming up: warmup.lengths 41/62, about 4 s left";
    status.replicas[0].state = "warming";
    status.warmup = {};
    status.warmup.state = "running";
    status.phases = {phase("config", 0, 4'000), phase("tokenizer", 4'000, 300'000),
                     phase("device.init", 304'000, 1'200'000), phase("weights.read", 1'504'000, 1'871'000),
                     phase("weights.place", 3'375'000, 318'000)};
    ipc::PhaseStatus lengths{.name = "warmup.lengths", .state = "running"};
    lengths.started_us = 3'693'000;
    lengths.last_time_us = 7'000'000;
    lengths.done = 41;
    lengths.total = 62;
    lengths.unit = "steps";
    lengths.eta_us = 3'100'000;
    status.phases.push_back(lengths);
    for (const auto* name : {"warmup.memory", "warmup.concurrency", "warmup.verify"}) {
        ipc::PhaseStatus pending{.name = name};
        pending.last_time_us = 400'000;
        status.phases.push_back(pending);
    }
    return status;
}

Model opened()
{
    Model model;
    model.link.socket = "/run/embedd/embedd.sock";
    return model;
}

Model told(Model model, const Event& event)
{
    return update(std::move(model), event).model;
}

Model told(Model model, ipc::Status status, std::uint64_t now_us)
{
    return told(
        std::move(model),
        StatusCame{.now_us = now_us, .wall_time = "14:06:31", .status = std::move(status), .history = {}});
}

Model watched(std::uint64_t seconds, std::size_t replicas, void (*change)(ipc::Status&))
{
    auto model = opened();
    constexpr std::uint64_t opened_s = 130;
    for (std::uint64_t s = 0; s <= seconds; ++s) {
        auto status = serving(opened_s + s, replicas);
        if (change != nullptr)
            change(status);
        model = told(std::move(model), std::move(status), 1'000 * second_us + s * second_us);
    }
    return model;
}

Model lost(Model model)
{
    const auto now = model.now_us + 14 * second_us;
    return told(std::move(model),
                LinkLost{.now_us = now,
                         .why = "connect: Connection refused; the file is there, nobody listens",
                         .tries = 5,
                         .retry_at_us = now + 2'100'000});
}

Model pressed(Model model, const std::string& keys)
{
    for (const char c : keys) {
        Key key{.character = static_cast<unsigned char>(c)};
        if (c == '\n')
            key = {.special = Key::Special::enter};
        if (c == '\x1b')
            key = {.special = Key::Special::escape};
        if (c == '\t')
            key = {.special = Key::Special::tab};
        model = told(std::move(model), key);
    }
    return model;
}

Model asked(Model model)
{
    ipc::RewarmReply answer{.dry_run = true, .replicas = {0, 1}, .cells = 24, .estimate_us = 40'000'000};
    return told(pressed(std::move(model), "w"), DryRunAnswered{.action = {}, .reply = answer});
}

} // namespace embedd::console::screen::test
