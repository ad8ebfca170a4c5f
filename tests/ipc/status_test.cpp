#include "ipc/json.hpp"
#include "ipc/status.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace embedd::ipc {
namespace {

WarmUpReport full_report()
{
    WarmUpReport report;
    report.started = "2026-11-21T08:00:00Z";
    report.duration_us = 9;
    report.result = "missed";
    report.stable = false;
    report.ratio = 1.01;
    report.ratio_worst = 1.2;
    report.cells = {{"lengths", "embed", 64, 60, 3, 2, 1, 2, 3}};
    report.memory_before_bytes = 4;
    report.memory_after_bytes = 5;
    report.memory_available_bytes = 6;
    report.max_batch_tokens = 512;
    return report;
}

// Every field set, each to a value of its own.
Status full()
{
    Status s;
    s.state = "degraded";
    s.reason = "replica 1 is down";
    s.mono_us = 1;
    s.version = "1.2.3";
    s.pid = 42;
    s.uptime_us = 2;
    s.ready_at_us = 3;
    s.status_text = "serving";
    s.may = {"rewarm"};
    s.model = ModelStatus{"name", "/path", "f00d", "BertModel", "bfloat16", 384, 256, {"embed"}};
    s.phases = {{"warmup",
                 "running",
                 4,
                 5,
                 6,
                 7,
                 8,
                 "steps",
                 9,
                 {{"warmup.lengths", "done", 1, 2, 3, 4, 5, "b", 6, {}}}}};
    s.serving = true;
    s.devices = {
        {"cuda:0", "NVIDIA H200", 10, 11, 12, 0.5, 65.5, 70.25, 0.125, 1980, 3201, {{"sw_power_cap"}}}};
    ReplicaStatus replica;
    replica.id = 1;
    replica.pid = 43;
    replica.generation = 2;
    replica.device = "cpu";
    replica.lanes = 2;
    replica.forward_p50_us = 13;
    replica.forward_p99_us = 14;
    replica.last_batch_us = 15;
    replica.errors = 16;
    replica.state = "busy";
    replica.restarts = 17;
    replica.batches = 18;
    replica.tokens = 19;
    replica.busy_us = 20;
    replica.inflight_tokens = 21;
    replica.warm_epoch = 22;
    replica.memory = {1, 2, 3, 4, 5, 6, 7, 8};
    s.replicas = {replica};
    s.queue = {1, 2, 3, 4};
    s.latency["embed"]["total"] = {5, 1, 2, 3, 4, 5, {{10, 3}, {20, 2}}};
    s.late = {7, 1, 2, 3, 4, 11};
    s.batch = {512, 100.5, 0.02};
    s.warmup.state = "done";
    s.warmup.epoch = 1;
    s.warmup.plan_cells = 60;
    s.warmup.last = full_report();
    s.warmup.cold_hits = {2, {{"rung", 2}}, {{1, "rung", "embed", 64, 60, 5, 3}}};
    s.warmup.cold_start = ColdStart{3, 900, 300};
    s.warmup.idle = {"auto", {{20'000, 1.26}}, 7, 0.005};
    s.clients = {{44, 1000, "python", "indexer", 1, 2, 3, 4, 5}};
    s.other_clients = OtherClients{1, 2, 3, 4, 5};
    s.counters = {1, 2, 3, {{"overloaded", 4}}, 5, 6, 7};
    s.events = {{1, 2, "warning", "text"}};
    return s;
}

TEST(WarmUpRecord, ComesBackWithEveryFieldSet)
{
    const WarmUpRecord record{.kind = "rewarm",
                              .version = "1.2.3",
                              .model = "name",
                              .fingerprint = "f00d",
                              .dtype = "bfloat16",
                              .to_ready_us = 7,
                              .phases_us = {{"warmup.verify", 8}},
                              .report = full_report()};

    const auto read = warm_up_record_from_json(*parse_json(dump_json(to_json(record))));

    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, record);
}

TEST(Status, ComesBackWithEveryFieldSet)
{
    const auto text = dump_json(to_json(full()));

    const auto read = status_from_json(*parse_json(text));

    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, full());
}

TEST(Status, ComesBackWithNothingSet)
{
    const auto read = status_from_json(to_json(Status{}));

    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, Status{});
}

TEST(Status, HasEveryDocumentedFieldAndNullForTheUnknown)
{
    const auto json = to_json(Status{});

    for (const auto* field :
         {"schema", "state",  "reason",  "mono_us",  "version",  "pid",   "uptime_us",   "ready_at_us",
          "model",  "phases", "serving", "devices",  "replicas", "queue", "latency",     "late",
          "batch",  "warmup", "clients", "counters", "events",   "may",   "status_text", "other_clients"})
        EXPECT_TRUE(json.contains(field)) << field;
    EXPECT_TRUE(json["model"].is_null());
    EXPECT_TRUE(json["ready_at_us"].is_null());
    EXPECT_TRUE(to_json(full())["replicas"][0]["forward"].contains("p99_us"));
}

TEST(Status, OfAnotherVersionIsReadAsFarAsItGoes)
{
    auto json = to_json(full());
    json["new_in_two"] = {{"x", 1}};
    json.erase("counters");
    json.erase("late");
    json["replicas"][0].erase("memory");

    const auto read = status_from_json(json);

    ASSERT_TRUE(read);
    EXPECT_EQ(read->counters, Counters{});
    EXPECT_EQ(read->replicas[0].memory, ReplicaMemory{});
    EXPECT_EQ(read->state, "degraded");
}

TEST(Status, TellsClocksThatAreFreeFromClocksThatNobodyKnows)
{
    Status status;
    status.devices = {{.id = "cpu"}, {.id = "cuda:0", .throttled = std::vector<std::string>{}}};

    const auto json = to_json(status);

    EXPECT_TRUE(json["devices"][0]["throttled"].is_null());
    EXPECT_TRUE(json["devices"][1]["throttled"].is_array());
    EXPECT_EQ(*status_from_json(json), status);
}

TEST(Status, OfADaemonThatKnewNoClocksIsRead)
{
    const auto read = status_from_json(
        *parse_json(R"({"devices": [{"id": "cuda:0", "total_bytes": 10, "throttle_of_another_kind": 1}]})"));

    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->devices[0], (DeviceStatus{.id = "cuda:0", .total_bytes = 10}));
}

TEST(Status, AFieldOfTheWrongTypeIsNamedByItsPath)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"pid": "x"})", "pid is no whole number in range"},
        {R"({"uptime_us": -1})", "uptime_us is no whole number in range"},
        {R"({"uptime_us": 1.5})", "uptime_us is no whole number in range"},
        {R"({"replicas": [{}, {"pid": true}]})", "replicas[1].pid is no whole number in range"},
        {R"({"replicas": [{"forward": []}]})", "replicas[0].forward is no object"},
        {R"({"latency": {"embed": {"total": {"buckets": [[1]]}}}})",
         "latency.embed.total.buckets[0] is no pair"},
        {R"({"phases": {}})", "phases is no list"},
        {R"({"devices": [{"throttled": "hot"}]})", "devices[0].throttled is no list"},
        {R"({"serving": 1})", "serving is not true or false"},
        {R"({"state": null})", "state is no string"},
        {R"([])", "the message is no object"},
    };
    for (const auto& [text, message] : cases) {
        const auto read = status_from_json(*parse_json(text));
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().message, message);
    }
}

TEST(Status, NumbersThatAreNoneAreNull)
{
    Status status;
    status.batch.padding_fraction = std::numeric_limits<double>::quiet_NaN();

    EXPECT_TRUE(to_json(status)["batch"]["padding_fraction"].is_null());
}

} // namespace
} // namespace embedd::ipc
