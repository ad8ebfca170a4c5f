#include "daemon/calibration.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

using Times = std::vector<std::uint64_t>;
using Costs = std::vector<RungCost>;

TEST(Rounds, AreNotSettledBeforeTheSecond)
{
    Rounds rounds;
    EXPECT_FALSE(rounds.settled());

    rounds.add(Times{100, 101});

    EXPECT_FALSE(rounds.settled());
}

TEST(Rounds, SettleWhenTwoMediansInSuccessionAgreeWithinFivePercent)
{
    Rounds rounds;
    rounds.add(Times{200});
    rounds.add(Times{100});
    EXPECT_FALSE(rounds.settled());

    rounds.add(Times{104, 900, 103});

    EXPECT_TRUE(rounds.settled());
    EXPECT_EQ(rounds.count(), 3U);
}

TEST(Rounds, RememberTheFirstTimeAndCallTheLastTwoRoundsSteady)
{
    Rounds rounds;
    rounds.add(Times{900, 950});
    rounds.add(Times{100, 102});
    rounds.add(Times{104, 106});

    EXPECT_EQ(rounds.first(), 900U);
    EXPECT_EQ(rounds.steady(), 103U);
}

TEST(Interpolate, DrawsStraightLinesBetweenAnchors)
{
    const Costs anchors{
        {.rows = 8, .device_us = 1000}, {.rows = 16, .device_us = 2000}, {.rows = 64, .device_us = 5000}};

    EXPECT_EQ(interpolate(anchors, 8), 1000U);
    EXPECT_EQ(interpolate(anchors, 12), 1500U);
    EXPECT_EQ(interpolate(anchors, 40), 3500U);
    EXPECT_EQ(interpolate(anchors, 64), 5000U);
}

TEST(Interpolate, TakesTheFirstCostBelowTheAnchorsAndTheLastRateBeyond)
{
    const Costs anchors{{.rows = 8, .device_us = 1000}, {.rows = 64, .device_us = 6400}};

    EXPECT_EQ(interpolate(anchors, 1), 1000U);
    EXPECT_EQ(interpolate(anchors, 128), 12800U);
}

// 4, 5.8, 6.3, 6.4 and 6.4 tokens a millisecond.
const Costs flat_from_128{{.rows = 16, .device_us = 4000},
                          {.rows = 64, .device_us = 11000},
                          {.rows = 128, .device_us = 20300},
                          {.rows = 256, .device_us = 40000},
                          {.rows = 512, .device_us = 80000}};

TEST(TokenBudget, IsTheSmallestRungNearTheBestThroughput)
{
    EXPECT_EQ(token_budget(flat_from_128, {.longest_input = 64}), 128U);
}

TEST(TokenBudget, HoldsTheLongestInput)
{
    EXPECT_EQ(token_budget(flat_from_128, {.longest_input = 256}), 256U);
}

TEST(TokenBudget, StaysBelowTheLatencyAskedFor)
{
    EXPECT_EQ(token_budget(flat_from_128, {.longest_input = 512, .max_latency_us = 50'000}), 256U);
}

TEST(TokenBudget, IsTheFirstRungWhereEvenThatTakesTooLong)
{
    EXPECT_EQ(token_budget(flat_from_128, {.longest_input = 512, .max_latency_us = 1'000}), 16U);
}

TEST(TokenBudget, IsWhatTheOperatorSaysWhereHeSays)
{
    EXPECT_EQ(token_budget(flat_from_128, {.longest_input = 256, .max_latency_us = 1, .fixed_tokens = 1000}),
              1000U);
}

ipc::BatchDone took(std::uint64_t device_us)
{
    return {.device_us = device_us, .page_faults = 9};
}

TEST(ColdCause, NamesARungThatWasNeverTouched)
{
    EXPECT_EQ(cold_cause(false, took(1000), 1000), "rung");
    EXPECT_EQ(cold_cause(false, took(1000), std::nullopt), "rung");
}

TEST(ColdCause, NamesABatchHalfAsLongAgainAsItsRung)
{
    EXPECT_EQ(cold_cause(true, took(15'000), 10'000), "");
    EXPECT_EQ(cold_cause(true, took(15'001), 10'000), "slow");
}

TEST(ColdCause, LeavesShortBatchesThreeHundredMicroseconds)
{
    EXPECT_EQ(cold_cause(true, took(400), 100), "");
    EXPECT_EQ(cold_cause(true, took(401), 100), "slow");
}

TEST(ColdCause, IsNotABusyNeighbourWhoMakesABatchDearThatTouchedNoNewMemory)
{
    EXPECT_EQ(cold_cause(true, ipc::BatchDone{.device_us = 32'341, .page_faults = 0}, 18'850), "");
}

TEST(ColdCause, OfAGpuIsWhatItHadToMakeFirst)
{
    EXPECT_EQ(cold_cause(true, ipc::BatchDone{.device_us = 100, .allocated = true}, 100), "alloc");
    EXPECT_EQ(cold_cause(true, ipc::BatchDone{.allocated = true, .captured = true}, 100), "capture");
    EXPECT_EQ(cold_cause(false, ipc::BatchDone{.allocated = true, .captured = true}, 100), "rung");
}

TEST(ColdCause, ExpectsNothingBeforeCalibration)
{
    EXPECT_EQ(cold_cause(true, took(1'000'000), std::nullopt), "");
}

} // namespace
} // namespace embedd::daemon
