#include "ipc/worker_protocol.hpp"

#include <gtest/gtest.h>

#include <array>

namespace embedd::ipc {
namespace {

TEST(WorkerProtocol, EveryMessageToAWorkerComesBack)
{
    const std::vector<DaemonMessage> messages{
        RunBatch{.batch = 7, .task = "embed", .inputs = 2, .tokens = 9, .has_type_ids = true},
        VisitShape{.batch = 8, .task = "embed", .rows = 64, .length = 16, .uneven = true, .passes = 3},
        Stop{}};
    for (const auto& message : messages) {
        const auto read = parse_daemon_message(to_header(message));
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, message);
    }
}

TEST(WorkerProtocol, EveryMessageOfAWorkerComesBack)
{
    ModelCard card;
    card.model = {"m", "/m", "f00d", "BertModel", "float32", 384, 256, {"embed"}};
    card.pooling = "mean";
    card.normalize = true;
    card.vocabulary = 30'522;
    card.type_ids = true;
    card.prompts = {{"query", "query: "}};
    card.default_prompt_name = "query";
    const std::vector<WorkerMessage> messages{
        LoadProgress{.phase = "weights.read", .finished = true, .done = 5, .total = 10, .unit = "bytes"},
        Loaded{.card = card,
               .lanes = 2,
               .device_name = "EPYC",
               .weights_bytes = 90,
               .resident_bytes = 120,
               .rungs = {8, 16}},
        BatchDone{.batch = 1, .rows = 8, .forward_us = 2, .device_us = 3, .page_faults = 4},
        Visited{.batch = 1, .device_us = {5, 4}, .finite = false, .resident_bytes = 130},
        BatchFailed{.batch = 1, .fault = BatchFault::out_of_memory, .message = "x"},
        BatchFailed{.batch = 1, .fault = BatchFault::rejected, .message = "x"},
        BatchFailed{.batch = 1, .fault = BatchFault::internal, .message = "x"},
        HeartBeat{.running = {{1, 2}}, .step = "serving", .memory = {1, 2, 3, 4, 5, 6, 7, 8}},
        HeartBeat{
            .device =
                DeviceStatus{
                    "cuda:1", "H200", 10, 11, 12, 0.5, 65.5, 70.25, 0.125, 1980, 3201, {{"hw_slowdown"}}}},
        WorkerFailed{.exit_code = 78, .message = "config.json: no"}};
    for (const auto& message : messages) {
        const auto read = parse_worker_message(to_header(message));
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, message);
    }
}

TEST(WorkerProtocol, AWorkersDescriptionComesBack)
{
    const WorkerDescription description{.name = "m",
                                        .dtype = "bfloat16",
                                        .max_tokens = 256,
                                        .lanes = 2,
                                        .tasks = {"embed"},
                                        .rungs = {8, 16},
                                        .operations_a_row = 21'000'000};
    const auto read = parse_worker_description(to_line(description));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, description);
    EXPECT_FALSE(parse_worker_description("{}"));
    EXPECT_FALSE(parse_worker_description("no such model"));
}

TEST(WorkerProtocol, WhatIsMissingOrUnknownIsRefused)
{
    for (const auto* header : {"", "[]", "{}", R"({"type": 5})", R"({"type": "sing"})",
                               R"({"type": "run_batch"})", R"({"type": "batch_done", "batch": -1})"}) {
        EXPECT_FALSE(parse_daemon_message(header)) << header;
        EXPECT_FALSE(parse_worker_message(header)) << header;
    }
    EXPECT_FALSE(parse_worker_message(to_header(DaemonMessage{Stop{}}))) << "each direction has its own";
}

class BatchPayload : public ::testing::Test {
protected:
    const std::array<std::int32_t, 3> first_{101, 7, 102};
    const std::array<std::int32_t, 2> second_{101, 102};
    const std::array<std::span<const std::int32_t>, 2> inputs_{first_, second_};
    const std::vector<std::byte> payload_ = encode_batch(inputs_);
    const RunBatch run_{.batch = 1, .task = "embed", .inputs = 2, .tokens = 5, .has_type_ids = false};
};

TEST_F(BatchPayload, IsLengthsThenIds)
{
    const auto batch = decode_batch(run_, payload_);

    ASSERT_TRUE(batch) << batch.error().message;
    EXPECT_EQ(batch->offsets, (std::vector<std::int32_t>{0, 3, 5}));
    EXPECT_EQ(batch->ids, (std::vector<std::int32_t>{101, 7, 102, 101, 102}));
    EXPECT_TRUE(batch->type_ids.empty());
}

TEST_F(BatchPayload, CarriesTypeIdsWhereTheMessageSaysSo)
{
    auto payload = payload_;
    payload.resize(payload.size() + 5 * sizeof(std::int32_t), std::byte{0});
    auto run = run_;
    run.has_type_ids = true;

    const auto batch = decode_batch(run, payload);

    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->type_ids, (std::vector<std::int32_t>{0, 0, 0, 0, 0}));
}

TEST_F(BatchPayload, MustFitItsCounts)
{
    for (auto [inputs, tokens] :
         {std::pair{2U, 6U}, {1U, 5U}, {3U, 4U}, {0U, 7U}, {7U, 0U}, {4'000'000'000U, 5U}}) {
        const RunBatch run{
            .batch = 1, .task = "embed", .inputs = inputs, .tokens = tokens, .has_type_ids = false};
        EXPECT_FALSE(decode_batch(run, payload_)) << inputs << ' ' << tokens;
    }
    EXPECT_FALSE(decode_batch(run_, std::span{payload_}.first(payload_.size() - 1)));
}

} // namespace
} // namespace embedd::ipc
