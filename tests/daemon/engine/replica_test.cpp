#include "daemon/replica.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
constexpr Clock::time_point t0{};

Replica serving_since(Clock::time_point now)
{
    Replica replica(0, {});
    replica.spawned(4711, now);
    replica.sign_of_life(now);
    replica.loaded(2);
    replica.serving(now);
    return replica;
}

TEST(Replica, IsGivenUpAfterFiveSecondsOfSilence)
{
    auto replica = serving_since(t0);

    EXPECT_EQ(replica.due(), t0 + 5s);
    EXPECT_FALSE(replica.give_up(t0 + 4s));
    EXPECT_EQ(replica.give_up(t0 + 5s), "gave no sign of life for 5000 ms");
    EXPECT_EQ(replica.state(), Replica::State::unhealthy);
}

TEST(Replica, BlamesTheBatchThatIsLateAndNotItsNeighbour)
{
    auto replica = serving_since(t0);
    (void)replica.send({.tokens = 10}, false, 1ms, t0);
    (void)replica.send({.tokens = 20}, false, 200ms, t0);
    replica.sign_of_life(t0 + 2s);

    EXPECT_EQ(replica.give_up(t0 + 2s), "did not answer a batch of 10 tokens within 2000 ms");
    const auto lost = replica.ended(t0 + 2s);

    ASSERT_EQ(lost.size(), 2U);
    EXPECT_TRUE(lost[0].blamed);
    EXPECT_FALSE(lost[1].blamed);
}

TEST(Replica, DropsAnswersToBatchesOfAnotherLife)
{
    auto replica = serving_since(t0);
    const auto number = replica.send({}, false, 1ms, t0);
    (void)replica.ended(t0 + 1s);
    replica.spawned(4712, t0 + 2s);

    EXPECT_FALSE(replica.answered(number, t0 + 3s));
    EXPECT_EQ(replica.status().generation, 2U);
}

TEST(Replica, WaitsLongerAfterEachEndUntilItServedForAMinute)
{
    auto replica = serving_since(t0);
    (void)replica.ended(t0 + 1s);
    EXPECT_EQ(replica.due(), t0 + 1s + 100ms);
    replica.spawned(1, t0 + 2s);
    (void)replica.ended(t0 + 2s);
    EXPECT_EQ(replica.due(), t0 + 2s + 200ms);

    replica.spawned(2, t0 + 3s);
    replica.serving(t0 + 3s);
    (void)replica.ended(t0 + 64s);
    EXPECT_EQ(replica.due(), t0 + 64s + 100ms);
}

} // namespace
} // namespace embedd::daemon
