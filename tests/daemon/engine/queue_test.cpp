#include "daemon/scheduler.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
constexpr Clock::time_point t0{};

TEST(Queue, RefusesWhatDoesNotFitAndSaysWhenToComeBack)
{
    Scheduler scheduler(100);
    scheduler.measured(100, 1s);
    ASSERT_TRUE(scheduler.push({.id = 1, .lengths = {80}}, t0, 1));

    const auto refused = scheduler.push({.id = 2, .lengths = {70}}, t0, 1);

    EXPECT_EQ(refused.error().type, ipc::ErrorType::overloaded);
    EXPECT_EQ(refused.error().retry_after_ms, 500U);
    EXPECT_EQ(scheduler.status(t0).requests, 1U);
}

TEST(Queue, RefusesForGoodWhatItCouldNeverHold)
{
    Scheduler scheduler(100);

    EXPECT_EQ(scheduler.push({.id = 1, .lengths = {101}}, t0, 1).error().type, ipc::ErrorType::too_large);
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
