#include "console/presentation/warm_up_view.hpp"

#include <gtest/gtest.h>

namespace embedd::console {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

ipc::WarmUpCell cell(const char* stage, std::uint64_t rows, std::uint64_t length)
{
    ipc::WarmUpCell made;
    made.stage = stage;
    made.task = "embed";
    made.rows = rows;
    made.length = length;
    return made;
}

ipc::WarmUpRecord older()
{
    ipc::WarmUpRecord record;
    record.version = "1.0.0";
    record.model = "mini";
    record.dtype = "bfloat16";
    record.to_ready_us = 1'000'000;
    record.phases_us = {{"weights.read", 90'000}, {"warmup.lengths", 400'000}};
    record.report.started = "2026-11-21T08:00:00Z";
    record.report.duration_us = 700'000;
    record.report.ratio = 1.0;
    record.report.ratio_worst = 1.1;
    auto lengths = cell("lengths", 64, 60);
    lengths.first_us = 2'000;
    lengths.steady_us = 1'000;
    auto verify = cell("verify", 24, 19);
    verify.first_us = 1'500;
    verify.control_us = 1'400;
    record.report.cells = {verify, lengths};
    record.report.memory_before_bytes = 200 * mebibyte;
    record.report.memory_after_bytes = 220 * mebibyte;
    record.report.max_batch_tokens = 512;
    return record;
}

ipc::WarmUpRecord newer()
{
    auto record = older();
    record.kind = "rewarm";
    record.version = "1.1.0";
    record.to_ready_us.reset();
    record.phases_us = {{"warmup.lengths", 500'000}, {"warmup.memory", 30'000}};
    record.report.started = "2026-11-21T09:00:00Z";
    record.report.duration_us = 770'000;
    record.report.result = "missed";
    record.report.stable = false;
    record.report.ratio = 1.25;
    auto lengths = cell("lengths", 64, 60);
    lengths.first_us = 1'900;
    lengths.steady_us = 1'000;
    auto crowd = cell("lengths", 64, 60);
    crowd.concurrency = 2;
    crowd.steady_us = 1'700;
    record.report.cells = {lengths, crowd};
    record.report.memory_after_bytes = 242 * mebibyte;
    record.report.memory_available_bytes = 4096 * mebibyte;
    return record;
}

TEST(WarmUpList, IsALineAWarmUpNumberedFromTheNewestWhichIsLast)
{
    const std::vector<ipc::WarmUpRecord> warmups{older(), newer()};

    EXPECT_EQ(list_warm_ups(warmups, 9), "#  started               kind    model  dtype     exec→READY  "
                                         "ratio  worst  stable  result  max_batch_tokens\n"
                                         "2  2026-11-21T08:00:00Z  start   mini   bfloat16      1.00 s   "
                                         "1.00   1.10  yes     done                 512\n"
                                         "1  2026-11-21T09:00:00Z  rewarm  mini   bfloat16           –   "
                                         "1.25   1.10  no      missed               512\n");
}

TEST(WarmUpList, ShowsOnlyTheNewestWhereAskedTo)
{
    const std::vector<ipc::WarmUpRecord> warmups{older(), older(), newer()};

    EXPECT_EQ(list_warm_ups(warmups, 1), "#  started               kind    model  dtype     exec→READY  "
                                         "ratio  worst  stable  result  max_batch_tokens\n"
                                         "1  2026-11-21T09:00:00Z  rewarm  mini   bfloat16           –   "
                                         "1.25   1.10  no      missed               512\n");
}

TEST(WarmUpList, SaysThatItIsEmpty)
{
    EXPECT_EQ(list_warm_ups({}, 9), "no warm-up is known yet\n");
}

TEST(WarmUpList, MakesWhatTheDaemonSentPrintable)
{
    auto record = older();
    record.model = "mi\x1b[31mni";
    const auto text = list_warm_ups(std::span{&record, 1}, 9);

    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(text.find("mi\\x1B[31mni"), std::string::npos);
}

TEST(WarmUpComparison, JoinsPhasesAndCellsAndShowsTheChange)
{
    EXPECT_EQ(compare(older(), newer()),
              "a  2026-11-21T08:00:00Z start, mini bfloat16, embedd 1.0.0, done\n"
              "b  2026-11-21T09:00:00Z rewarm, mini bfloat16, embedd 1.1.0, missed, unstable\n"
              "\n"
              "phase                 a        b   change\n"
              "warmup.lengths   400 ms   500 ms  +25.0 %\n"
              "warmup.memory         –  30.0 ms        –\n"
              "weights.read    90.0 ms        –        –\n"
              "warm-up          700 ms   770 ms  +10.0 %\n"
              "exec→READY       1.00 s        –        –\n"
              "\n"
              "stage    task   rows  length  concurrency  time           a        b  change\n"
              "lengths  embed    64      60            1  first    2.00 ms  1.90 ms  -5.0 %\n"
              "lengths  embed    64      60            1  steady   1.00 ms  1.00 ms  +0.0 %\n"
              "lengths  embed    64      60            2  steady         –  1.70 ms       –\n"
              "verify   embed    24      19            1  first    1.50 ms        –       –\n"
              "verify   embed    24      19            1  control  1.40 ms        –       –\n"
              "\n"
              "figure                  a         b   change\n"
              "ratio                1.00      1.25  +25.0 %\n"
              "worst                1.10      1.10   +0.0 %\n"
              "memory before     200 MiB   200 MiB   +0.0 %\n"
              "memory after      220 MiB   242 MiB  +10.0 %\n"
              "memory available        –  4.00 GiB        –\n"
              "max_batch_tokens      512       512   +0.0 %\n");
}

TEST(WarmUpComparison, LeavesOutTheTableOfCellsWhereThereAreNone)
{
    EXPECT_EQ(compare({}, {}).find("stage"), std::string::npos);
}

TEST(RewarmView, SaysWhatADryRunWouldDo)
{
    ipc::RewarmReply reply{
        .dry_run = true, .replicas = {0, 1}, .cells = 80, .estimate_us = 900'000, .report = {}};
    EXPECT_EQ(describe(reply), "would re-warm replicas 0, 1, 80 cells, in about 900 ms\n");

    reply.replicas = {3};
    reply.estimate_us.reset();
    EXPECT_EQ(describe(reply), "would re-warm replica 3, 80 cells, in a time not known yet\n");
}

TEST(RewarmView, ShowsTheTimesBeforeAndAfter)
{
    const ipc::RewarmReply reply{
        .dry_run = false, .replicas = {0}, .cells = 2, .estimate_us = {}, .report = newer().report};

    EXPECT_EQ(describe(reply), "stage    task   rows  length  concurrency   before    after  before ÷ after\n"
                               "lengths  embed    64      60            1  1.90 ms  1.00 ms            1.90\n"
                               "lengths  embed    64      60            2        –  1.70 ms               –\n"
                               "re-warm missed, unstable in 770 ms: replica 0, 2 cells, first request ÷ "
                               "control 1.25 (worst length 1.10), memory 200 MiB before, 242 MiB after\n");
}

TEST(RewarmView, DoesWithoutCellsAndRatios)
{
    ipc::RewarmReply reply{.dry_run = false, .replicas = {}, .cells = 80, .estimate_us = {}, .report = {}};
    EXPECT_EQ(describe(reply), "re-warm of no replica, 80 cells, without a report\n");

    reply.report = ipc::WarmUpReport{};
    reply.report->result = "cancelled";
    EXPECT_EQ(describe(reply), "re-warm cancelled in 0 µs: no replica, 80 cells\n");
}

TEST(WarmUpSummary, NamesAResultThatIsNotTheStateAndAnUnstableOne)
{
    ipc::WarmUpStatus warmup;
    warmup.state = "done";
    warmup.last = newer().report;

    EXPECT_EQ(summary(warmup), "done in 770 ms, result missed, unstable, first request ÷ control 1.25 (worst "
                               "length 1.10), cold hits 0");
}

TEST(ColdStart, IsWhatWarmUpWouldHaveSaved)
{
    EXPECT_EQ(describe(ipc::ColdStart{.shapes = 3, .first_us = 900'000, .steady_us = 300'000}),
              "warm-up would have saved about 600 ms over 3 shapes");
    EXPECT_EQ(describe(ipc::ColdStart{.shapes = 1, .first_us = 3, .steady_us = 9}),
              "warm-up would have saved about 0 µs over 1 shape");
}

TEST(ColdHits, AreTheLastOnesWithTheNewestLast)
{
    ipc::ColdHits hits;
    for (std::uint64_t rows : {8, 16, 1'024})
        hits.recent.push_back({.cause = "rung",
                               .task = "embed",
                               .rows = rows,
                               .length = 60,
                               .took_us = 5'000,
                               .expected_us = 3'000});
    hits.recent.back().expected_us.reset();

    EXPECT_EQ(
        last_cold_hits(hits, 2),
        (std::vector<std::string>{"rung: 16 rows, longest input 60 tokens, took 5.00 ms, expected 3.00 ms",
                                  "rung: 1,024 rows, longest input 60 tokens, took 5.00 ms, expected –"}));
}

} // namespace
} // namespace embedd::console
