#include "console/presentation/operating_view.hpp"

#include <gtest/gtest.h>

namespace embedd::console {
namespace {

TEST(ProgressView, SaysHowFarAStepIs)
{
    EXPECT_EQ(describe(ipc::Progress{.replica = 1, .done = 40, .total = 80, .rows = 64}),
              "replica 1: 40 of 80 visits, 50 %, 64 rows");
    EXPECT_EQ(describe(ipc::Progress{.done = 40, .total = 80}), "warmup: 40 of 80 visits, 50 %");
    EXPECT_EQ(describe(ipc::Progress{.done = 1 << 20, .total = 4 << 20, .step = "weights.read"}),
              "weights.read: 1.00 MiB of 4.00 MiB, 25 %");
    EXPECT_EQ(describe(ipc::Progress{.done = 3, .total = 8, .step = "drain"}),
              "drain: 3 of 8 requests answered");
    EXPECT_EQ(describe(ipc::Progress{.done = 1, .total = 3, .step = "replicas"}), "replicas: 1 of 3");
    EXPECT_EQ(describe(ipc::Progress{.total = 1, .step = "stop\x1b[2J"}).find('\x1b'), std::string::npos);
}

TEST(ProgressView, NeverSaysMoreThanAllAndNothingOfNothing)
{
    EXPECT_EQ(percent_of({.done = 79, .total = 80}), 98U);
    EXPECT_EQ(percent_of({.done = 90, .total = 80}), 100U);
    EXPECT_EQ(percent_of({.done = 0, .total = 0}), 0U);
}

TEST(ReloadView, SaysWhatServesNowAndWhatItTook)
{
    ipc::ReloadReply reply{.model = "/models/new",
                           .fingerprint = "abc",
                           .generation = 2,
                           .needed_bytes = 1 << 20,
                           .available_bytes = 4 << 20,
                           .took_us = 1'500'000};

    EXPECT_EQ(describe(reply), "generation 2 serves /models/new (abc), after 1.50 s\n"
                               "memory estimated 1.00 MiB, available before 4.00 MiB\n");
    reply.dry_run = true;
    EXPECT_TRUE(describe(reply).starts_with("would load /models/new beside generation 2\n"));
}

TEST(ReloadView, OfAStatusIsALineOrNothing)
{
    EXPECT_EQ(summary(ipc::ReloadStatus{}), "");
    EXPECT_EQ(summary(ipc::ReloadStatus{
                  .state = "failed", .model = "/m", .reason = "no tokenizer", .duration_us = 2000}),
              "failed: /m, after 2.00 ms (no tokenizer; the model before serves)");
}

TEST(RestartView, NamesTheProcess)
{
    EXPECT_EQ(describe(ipc::RestartReplicaReply{.replica = 1, .pid = 42, .took_us = 1'500'000}),
              "replica 1 serves again (pid 42), after 1.50 s\n");
    EXPECT_EQ(describe(ipc::RestartReplicaReply{.dry_run = true, .replica = 1, .pid = 42}),
              "would end replica 1 (pid 42) after its running batches, and spawn it again\n");
}

} // namespace
} // namespace embedd::console
