#include "daemon/lateness.hpp"

#include "daemon/metrics.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

void answer(Lateness& lateness, std::uint64_t total_us, std::uint64_t times)
{
    for (std::uint64_t i = 0; i < times; ++i)
        lateness.answered({.total_us = total_us});
}

// A second of 990 answers in 1 ms and ten in 2 ms is over.
Lateness after_a_second()
{
    Lateness lateness;
    answer(lateness, 1'000, 990);
    answer(lateness, 2'000, 10);
    lateness.second_ended();
    return lateness;
}

TEST(Lateness, IsAboveTheP99OfTheSecondBefore)
{
    auto lateness = after_a_second();
    answer(lateness, 1'000, 500);
    answer(lateness, 1'100, 3);

    EXPECT_EQ(lateness.late().requests, 3U);
    EXPECT_EQ(lateness.late().total_us, 3'300U);
}

TEST(Lateness, SumsWhatEachStageOfTheLateTook)
{
    auto lateness = after_a_second();
    lateness.answered(
        {.tokenize_us = 10, .queue_us = 4'000, .forward_us = 900, .serialize_us = 20, .total_us = 5'000});
    lateness.answered(
        {.tokenize_us = 20, .queue_us = 2'000, .forward_us = 900, .serialize_us = 10, .total_us = 3'000});
    lateness.answered({.tokenize_us = 10, .forward_us = 900, .total_us = 950});

    EXPECT_EQ(lateness.late(), (ipc::LateRequests{.requests = 2,
                                                  .tokenize_us = 30,
                                                  .queue_us = 6'000,
                                                  .forward_us = 1'800,
                                                  .serialize_us = 30,
                                                  .total_us = 8'000}));
}

TEST(Lateness, IsNoneAtFirstAndWhereAllAnswersAreAlike)
{
    Lateness lateness;
    answer(lateness, 1'000, 10'000);
    EXPECT_EQ(lateness.late().requests, 0U);

    lateness.second_ended();
    answer(lateness, 1'000, 10'000);
    answer(lateness, 1'005, 10'000); // of the same class of a histogram
    EXPECT_EQ(lateness.late().requests, 0U);
}

TEST(Lateness, TakesSecondsTogetherUntilTheyHoldEnoughAnswers)
{
    auto lateness = after_a_second();
    for (std::uint64_t second = 1; second < 4; ++second) {
        answer(lateness, 9'000, Lateness::enough / 4);
        lateness.second_ended();
    }
    EXPECT_EQ(lateness.late().requests, 75U); // by the p99 before

    answer(lateness, 9'000, Lateness::enough / 4);
    lateness.second_ended();
    answer(lateness, 9'000, 50);
    EXPECT_EQ(lateness.late().requests, 100U);
}

TEST(Lateness, FollowsTheLoad)
{
    auto lateness = after_a_second();
    answer(lateness, 20'000, 200); // a busy second is late by the one before it, once
    lateness.second_ended();
    answer(lateness, 20'000, 200);

    EXPECT_EQ(lateness.late().requests, 200U);
}

TEST(LateRequests, AreOfEachTaskByItsOwnAnswersAndNeverOfColdBatches)
{
    Metrics metrics;
    const auto answer = [&metrics](const char* task, std::uint64_t total_us, bool cold) {
        for (int i = 0; i < 200; ++i)
            metrics.answered(task, {.total_us = total_us}, 1, 1, cold);
    };
    answer("tokenize", 100, false);
    answer("embed", 5'000, false);
    answer("embed", 90'000, true);
    metrics.second_ended();
    answer("embed", 5'000, false);
    answer("embed", 90'000, true);
    EXPECT_EQ(metrics.late().requests, 0U);

    answer("tokenize", 200, false);
    answer("embed", 9'000, false);
    EXPECT_EQ(metrics.late().requests, 400U);
    EXPECT_EQ(metrics.late().total_us, 200U * 200 + 200U * 9'000);
}

} // namespace
} // namespace embedd::daemon
