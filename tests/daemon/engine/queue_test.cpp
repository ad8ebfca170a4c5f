#include "daemon/scheduler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
using Lengths = std::vector<std::uint32_t>;
constexpr Clock::time_point t0{};

TEST(Queue, RefusesWhatDoesNotFitAndSaysWhenToComeBack)
{
    Scheduler scheduler(100);
    scheduler.measured(100, 1s);
    ASSERT_TRUE(scheduler.push({.id = 1, .lengths = {80}}, t0, 1));

    const auto refused = scheduler.push({.id = 2, .lengths = {58}}, t0, 1);

    EXPECT_EQ(refused.error().type, ipc::ErrorType::overloaded);
    EXPECT_EQ(refused.error().retry_after_ms, 500U);
    EXPECT_EQ(scheduler.status(t0).requests, 1U);
}

TEST(Queue, RefusesForGoodWhatItCouldNeverHold)
{
    Scheduler scheduler(800);

    EXPECT_EQ(scheduler.push({.id = 1, .lengths = {701}}, t0, 1).error().type, ipc::ErrorType::too_large);
    EXPECT_TRUE(scheduler.push({.id = 2, .lengths = {700}}, t0, 1));
}

TEST(Queue, KeepsAnEighthForUidsOfWhichLittleWaits)
{
    Scheduler scheduler(6400);
    ASSERT_TRUE(scheduler.push({.id = 1, .owner = {1000, 1}, .lengths = {2800, 2800}}, t0, 1));

    EXPECT_FALSE(scheduler.push({.id = 2, .owner = {1000, 2}, .lengths = {1}}, t0, 1));
    EXPECT_FALSE(scheduler.push({.id = 3, .owner = {1001, 3}, .lengths = {101}}, t0, 1));
    EXPECT_TRUE(scheduler.push({.id = 4, .owner = {1001, 3}, .lengths = {100}}, t0, 1));
    EXPECT_FALSE(scheduler.push({.id = 5, .owner = {1001, 4}, .lengths = {1}}, t0, 1));
}

TEST(Queue, IsFullForAllInTheEnd)
{
    Scheduler scheduler(6400);
    ASSERT_TRUE(scheduler.push({.id = 1, .owner = {999, 1}, .lengths = {5600}}, t0, 1));
    for (JobId id = 2; id <= 9; ++id)
        ASSERT_TRUE(scheduler.push({.id = id, .owner = {static_cast<uid_t>(1000 + id), id}, .lengths = {100}},
                                   t0, 1));

    EXPECT_EQ(scheduler.push({.id = 10, .owner = {2000, 10}, .lengths = {1}}, t0, 1).error().type,
              ipc::ErrorType::overloaded);
}

TEST(Queue, RefusesWhatCannotBeInTimeAndSaysWhenItCouldBe)
{
    Scheduler scheduler(1'000'000);
    scheduler.measured(512, 512ms); // a token a millisecond
    ASSERT_TRUE(scheduler.push({.id = 1, .owner = {1000, 1}, .lengths = Lengths(100, 100)}, t0, 1));

    const QueuedJob late{.id = 2, .owner = {1001, 2}, .deadline = t0 + 2s, .lengths = Lengths(10, 100)};
    const auto refused = scheduler.push(late, t0, 1);

    // Of the 2000, 512 are in the lane and 1000 its own; half of the rest may wait.
    EXPECT_EQ(refused.error().type, ipc::ErrorType::overloaded);
    EXPECT_EQ(refused.error().retry_after_ms, 10'000U + 512 - 244);
}

TEST(Queue, CountsOnlyWhatFairQueueingServesBeforeADeadline)
{
    Scheduler scheduler(1'000'000);
    scheduler.measured(512, 512ms);
    ASSERT_TRUE(scheduler.push({.id = 1, .owner = {1000, 1}, .lengths = Lengths(100, 100)}, t0, 1));

    const QueuedJob small{.id = 2, .owner = {1001, 2}, .deadline = t0 + 1s, .lengths = {100}};
    const QueuedJob behind{.id = 3, .owner = {1000, 1}, .deadline = t0 + 1s, .lengths = {100}};

    EXPECT_FALSE(scheduler.push(behind, t0, 1));
    EXPECT_TRUE(scheduler.push(small, t0, 1));
}

TEST(Queue, RefusesNothingForItsDeadlineBeforeItsPaceIsKnownOrWhereNothingWaits)
{
    const QueuedJob job{.id = 2, .owner = {1000, 1}, .deadline = t0 + 1ms, .lengths = Lengths(100, 100)};
    Scheduler unmeasured(1'000'000), idle(1'000'000);
    ASSERT_TRUE(unmeasured.push({.id = 1, .owner = {1000, 1}, .lengths = Lengths(100, 100)}, t0, 1));
    idle.measured(512, 512ms);

    EXPECT_TRUE(unmeasured.push(job, t0, 1));
    EXPECT_TRUE(idle.push(job, t0, 1));
}

TEST(Queue, NamesJobsWhoseDeadlinePassedWhileTheyWaited)
{
    Scheduler scheduler(1000);
    ASSERT_TRUE(scheduler.push({.id = 1, .deadline = t0 + 1s, .lengths = {10}}, t0, 1));
    ASSERT_TRUE(scheduler.push({.id = 2, .deadline = t0 + 3s, .lengths = {10}}, t0, 1));

    EXPECT_EQ(scheduler.next_deadline(), t0 + 1s);
    EXPECT_EQ(scheduler.expired(t0 + 2s), std::vector<JobId>{1});
}

TEST(Queue, NeverHandsOutWhatIsForgotten)
{
    Scheduler scheduler(1000);
    ASSERT_TRUE(scheduler.push({.id = 1, .lengths = {10, 20}}, t0, 1));
    ASSERT_TRUE(scheduler.push({.id = 2, .lengths = {30}}, t0, 1));

    scheduler.forget(1);
    const auto batch = scheduler.next_batch();

    EXPECT_EQ(batch->parts, (std::vector<Part>{{2, 0, 30}}));
    EXPECT_EQ(scheduler.status(t0).tokens, 0U);
}

TEST(Queue, ForgetsWhatWaitsToBeRetriedAndWhatIsQueuedOfTheSameJob)
{
    Scheduler scheduler(1000);
    ASSERT_TRUE(scheduler.push({.id = 1, .lengths = {200, 200, 200}}, t0, 1));
    ASSERT_TRUE(scheduler.push({.id = 2, .owner = {1, 1}, .lengths = {20}}, t0, 1));
    scheduler.retry(*scheduler.next_batch());

    scheduler.forget(1);

    EXPECT_EQ(scheduler.status(t0).tokens, 20U);
    EXPECT_EQ(scheduler.next_batch()->parts, (std::vector<Part>{{2, 0, 20}}));
    EXPECT_FALSE(scheduler.next_batch());
}

TEST(Queue, HandsOutEverythingOnceWhateverIsForgottenPutBackOrRetriedMeanwhile)
{
    Scheduler scheduler(1'000'000);
    std::mt19937 random(5);
    const auto draw = [&](std::uint32_t most) { return static_cast<std::uint32_t>(random() % most); };
    std::map<JobId, std::set<std::uint32_t>> expected;
    for (JobId id = 1; id <= 2000; ++id) {
        const Lengths lengths(1 + draw(20), 1 + draw(200));
        const auto priority = draw(4) == 0 ? ipc::Priority::batch : ipc::Priority::interactive;
        if (scheduler.push({.id = id, .owner = {draw(3), draw(40)}, .priority = priority, .lengths = lengths},
                           t0, 1)) {
            for (std::uint32_t input = 0; input < lengths.size(); ++input)
                expected[id].insert(input);
        }
        if (const auto gone = expected.lower_bound(1 + draw(2000)); gone != expected.end() && draw(3) == 0) {
            scheduler.forget(gone->first);
            expected.erase(gone);
        }
        const auto batch = scheduler.next_batch();
        if (!batch)
            continue;
        const auto fate = draw(6);
        if (fate == 0)
            scheduler.put_back(*batch);
        else if (fate == 1)
            scheduler.retry(*batch);
        else
            for (const auto& part : batch->parts)
                EXPECT_EQ(expected.at(part.job).erase(part.input), 1U);
    }

    while (const auto batch = scheduler.next_batch()) {
        for (const auto& part : batch->parts)
            EXPECT_EQ(expected.at(part.job).erase(part.input), 1U);
    }

    EXPECT_TRUE(std::ranges::all_of(expected, [](const auto& job) { return job.second.empty(); }));
    EXPECT_EQ(scheduler.status(t0).tokens, 0U);
    EXPECT_EQ(scheduler.status(t0).requests, 0U);
}

TEST(Queue, WhatIsPutBackIsNextAndKeepsItsDeadline)
{
    Scheduler scheduler(1000);
    ASSERT_TRUE(scheduler.push({.id = 1, .deadline = t0 + 1s, .lengths = {10, 20}}, t0, 1));
    const auto batch = scheduler.next_batch();
    EXPECT_EQ(scheduler.next_deadline(), std::nullopt);

    scheduler.put_back(*batch);

    EXPECT_EQ(scheduler.next_deadline(), t0 + 1s);
    EXPECT_EQ(scheduler.next_batch()->parts, batch->parts);
}

} // namespace
} // namespace embedd::daemon
