#include "console/presentation/status_view.hpp"

#include <gtest/gtest.h>

namespace embedd::console {
namespace {

ipc::Status warming()
{
    ipc::Status status;
    status.state = "warming";
    status.version = "1.2.3";
    status.pid = 42;
    status.uptime_us = 850'000;
    status.status_text = "warming up: warmup.lengths 41/62";
    status.model = ipc::ModelStatus{.name = "mini",
                                    .path = "/models/mini",
                                    .fingerprint = "f00d",
                                    .architecture = "BertModel",
                                    .dtype = "bfloat16",
                                    .dimensions = 384,
                                    .max_tokens = 256,
                                    .tasks = {"embed"}};
    ipc::PhaseStatus read{.name = "weights.read", .state = "done"};
    read.duration_us = 90'000;
    read.done = read.total = 90'868'376;
    read.unit = "bytes";
    ipc::PhaseStatus lengths{.name = "warmup.lengths", .state = "running"};
    lengths.duration_us = 400'000;
    lengths.done = 41;
    lengths.total = 62;
    lengths.unit = "steps";
    lengths.eta_us = 200'000;
    status.phases = {read, lengths};
    status.queue.capacity_tokens = 2'000'000;
    return status;
}

TEST(StatusView, ShowsHowFarWarmUpIs)
{
    EXPECT_EQ(describe(warming()),
              "state       warming up: warmup.lengths 41/62\n"
              "daemon      embedd 1.2.3, pid 42, up 850 ms\n"
              "model       mini, BertModel, bfloat16, 384 dimensions, inputs to 256 tokens\n"
              "warm-up     pending, cold hits 0\n"
              "phases\n"
              "  weights.read          done     90.0 ms     86.7 MiB\n"
              "  warmup.lengths        running  400 ms      41 of 62 steps, about 200 ms left\n"
              "queue       0 requests, 0 of 2,000,000 tokens\n"
              "served      0 requests, 0 inputs, 0 tokens\n");
}

TEST(StatusView, ShowsWhatServesOnceReady)
{
    auto status = warming();
    status.state = "ready";
    status.serving = true;
    status.phases.clear();
    status.ready_at_us = 1'270'000;
    status.warmup.state = "done";
    status.warmup.last = ipc::WarmUpReport{};
    status.warmup.last->duration_us = 700'000;
    status.warmup.last->ratio = 1.012;
    status.warmup.last->ratio_worst = 1.031;
    ipc::ReplicaStatus replica;
    replica.state = "ready";
    replica.device = "cpu";
    replica.lanes = 2;
    replica.batches = 1'200;
    replica.tokens = 61'000;
    replica.pid = 43;
    status.replicas = {replica};
    ipc::LatencyStatus total;
    total.count = 10;
    total.p50_us = 2'500;
    total.p99_us = 9'100;
    total.max_us = 12'000;
    status.latency["embed"]["total"] = total;

    EXPECT_EQ(describe(status),
              "state       ready\n"
              "daemon      embedd 1.2.3, pid 42, up 850 ms\n"
              "model       mini, BertModel, bfloat16, 384 dimensions, inputs to 256 tokens\n"
              "ready       1.27 s after start\n"
              "warm-up     done in 700 ms, first request ÷ control 1.01 (worst length 1.03), cold hits 0\n"
              "replica     #0 ready, cpu, 2 lanes, 1,200 batches, 61,000 tokens, 0 restarts, pid 43\n"
              "queue       0 requests, 0 of 2,000,000 tokens\n"
              "served      0 requests, 0 inputs, 0 tokens\n"
              "latency     embed p50 2.50 ms, p99 9.10 ms, max 12.0 ms\n");
}

TEST(StatusView, SaysWhatSkippingTheWarmUpCostAndTheLastThreeColdHits)
{
    ipc::Status status;
    status.state = "ready";
    status.version = "1.2.3";
    status.warmup.state = "skipped";
    status.warmup.cold_start = ipc::ColdStart{.shapes = 2, .first_us = 9'000, .steady_us = 4'000};
    status.warmup.cold_hits.total = 4;
    for (std::uint64_t rows : {8, 16, 24, 32})
        status.warmup.cold_hits.recent.push_back(
            {.cause = "slow", .rows = rows, .length = 7, .took_us = 3'000, .expected_us = 1'000});

    EXPECT_EQ(describe(status),
              "state       ready\n"
              "daemon      embedd 1.2.3, pid 0, up 0 µs\n"
              "warm-up     skipped, cold hits 4\n"
              "cold start  warm-up would have saved about 5.00 ms over 2 shapes\n"
              "cold hit    slow: 16 rows, longest input 7 tokens, took 3.00 ms, expected 1.00 ms\n"
              "cold hit    slow: 24 rows, longest input 7 tokens, took 3.00 ms, expected 1.00 ms\n"
              "cold hit    slow: 32 rows, longest input 7 tokens, took 3.00 ms, expected 1.00 ms\n"
              "queue       0 requests, 0 of 0 tokens\n"
              "served      0 requests, 0 inputs, 0 tokens\n");
}

TEST(StatusView, NamesTheReasonOfAFailure)
{
    ipc::Status status;
    status.state = "failed";
    status.reason = "config.json: \x1b[31mhidden_size is missing";

    EXPECT_EQ(headline(status), "failed: config.json: \\x1B[31mhidden_size is missing");
}

} // namespace
} // namespace embedd::console
