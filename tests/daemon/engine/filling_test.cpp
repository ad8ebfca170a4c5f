#include "daemon/scheduler.hpp"
#include "tests/daemon/engine/ladder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace embedd::daemon {
namespace {

constexpr Clock::time_point t0{};

// Of what is computed while much waits.
double waste(std::uint32_t from, std::uint32_t to, std::uint64_t budget)
{
    Scheduler scheduler(10'000'000);
    scheduler.calibrate(ladder(), budget);
    std::mt19937 random(7);
    std::uniform_int_distribution<std::uint32_t> length(from, to);
    for (JobId id = 1; id <= 3000; ++id)
        EXPECT_TRUE(scheduler.push({.id = id, .owner = {1000, id % 64}, .lengths = {length(random)}}, t0, 2));
    std::uint64_t tokens = 0, rows = 0;
    for (int i = 0; i < 100; ++i) {
        const auto batch = scheduler.next_batch();
        if (!batch)
            break;
        tokens += batch->tokens;
        rows += scheduler.cost().rung(batch->tokens);
    }
    return 1 - static_cast<double>(tokens) / static_cast<double>(rows);
}

TEST(Filling, RoundingToTheRungWastesAtMostThreePercentUnderLoad)
{
    EXPECT_LE(waste(6, 30, 256), 0.03);
    EXPECT_LE(waste(5, 250, 512), 0.03);
    EXPECT_LE(waste(180, 256, 512), 0.03);
    EXPECT_LE(waste(5, 512, 512), 0.03);
}

TEST(Filling, TakesWhatWaitsAtThatMomentAndNoMore)
{
    Scheduler scheduler(1000);
    scheduler.calibrate(ladder(), 512);
    ASSERT_TRUE(scheduler.push({.id = 1, .owner = {1, 1}, .lengths = {30, 10, 20}}, t0, 1));

    const auto batch = scheduler.next_batch();

    const std::vector<Part> by_length{{1, 1, 10}, {1, 2, 20}, {1, 0, 30}};
    EXPECT_EQ(batch->parts, by_length);
    EXPECT_EQ(batch->tokens, 60U);
    EXPECT_FALSE(scheduler.next_batch());
}

TEST(Filling, AnInputLongerThanTheBudgetIsABatchOfItsOwn)
{
    Scheduler scheduler(100'000);
    scheduler.calibrate(ladder(), 256);
    ASSERT_TRUE(scheduler.push({.id = 1, .owner = {1, 1}, .lengths = {2000, 10}}, t0, 1));

    EXPECT_EQ(scheduler.next_batch()->tokens, 2000U);
    EXPECT_EQ(scheduler.next_batch()->tokens, 10U);
}

TEST(Filling, HandsOutEachPartOfALargeJobOnce)
{
    Scheduler scheduler(1'000'000);
    scheduler.calibrate(ladder(), 512);
    std::vector<std::uint32_t> lengths;
    for (std::uint32_t i = 0; i < 5000; ++i)
        lengths.push_back(1 + i * 37 % 200);
    ASSERT_TRUE(scheduler.push({.id = 1, .owner = {1, 1}, .lengths = lengths}, t0, 1));

    std::set<std::uint32_t> seen;
    while (const auto batch = scheduler.next_batch()) {
        EXPECT_LE(batch->tokens, 512U);
        for (const auto& part : batch->parts)
            EXPECT_TRUE(seen.insert(part.input).second);
    }

    EXPECT_EQ(seen.size(), 5000U);
    EXPECT_EQ(scheduler.status(t0).tokens, 0U);
}

} // namespace
} // namespace embedd::daemon
