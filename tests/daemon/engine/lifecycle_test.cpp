#include "daemon/lifecycle.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
constexpr Clock::time_point exec{};

TEST(Lifecycle, GoesFromStartingThroughLoadingAndWarmingToReady)
{
    Lifecycle life(exec);
    EXPECT_EQ(life.state(), State::starting);

    life.begin("weights.read", exec + 1s);
    EXPECT_EQ(life.state(), State::loading);
    life.finish("weights.read", exec + 2s);
    life.progress("warmup.lengths", 41, 62, "steps", exec + 2s);
    EXPECT_EQ(life.state(), State::warming);
    EXPECT_EQ(life.status_text(exec + 2s), "warming up: warmup.lengths 41/62");
    EXPECT_FALSE(life.serving());

    life.finish("warmup.lengths", exec + 3s);
    life.ready(exec + 3s);
    EXPECT_EQ(life.state(), State::ready);
    EXPECT_TRUE(life.serving());
}

TEST(Lifecycle, TellsWhatIsLeftFromTheLastStart)
{
    Lifecycle life(exec);
    life.plan("weights.read", 5s);
    life.begin("weights.read", exec + 1s);
    life.progress("weights.read", 45'100'000, 90'900'000, "bytes", exec + 2s);

    const auto phase = life.phases(exec + 3s).at(0);

    EXPECT_EQ(phase.state, "running");
    EXPECT_EQ(phase.started_us, 1'000'000U);
    EXPECT_EQ(phase.duration_us, 2'000'000U);
    EXPECT_EQ(phase.eta_us, 3'000'000U);
    EXPECT_EQ(life.status_text(exec + 3s), "loading: weights.read 45.1/90.9 MB, about 3 s left");
}

TEST(Lifecycle, APhaseIsFinishedOnce)
{
    Lifecycle life(exec);
    life.begin("weights.read", exec + 1s);
    life.finish("weights.read", exec + 3s);
    life.finish("weights.read", exec + 5s);

    EXPECT_EQ(life.phases(exec + 6s).at(0).duration_us, 2'000'000U);
}

TEST(Lifecycle, NamesTheFirstOfTheStatesThatHold)
{
    Lifecycle life(exec);
    life.ready(exec + 1s);
    life.degraded("replica 1 is down");
    EXPECT_EQ(life.state(), State::degraded);
    EXPECT_EQ(life.status_text(exec + 1s), "degraded: replica 1 is down");
    EXPECT_TRUE(life.serving());

    life.draining();
    EXPECT_EQ(life.state(), State::draining);
    life.stopping();
    EXPECT_EQ(life.state(), State::stopping);
    life.failed("no replica left");
    EXPECT_EQ(life.state(), State::failed);
    EXPECT_EQ(life.reason(), "no replica left");
    EXPECT_FALSE(life.serving());
}

TEST(Lifecycle, MovesOnlyWhileAPhaseDoes)
{
    Lifecycle life(exec);
    life.progress("weights.read", 1, 2, "bytes", exec + 1s);
    const auto moves = life.moves();

    life.progress("weights.read", 1, 2, "bytes", exec + 2s);
    EXPECT_EQ(life.moves(), moves);

    life.progress("weights.read", 2, 2, "bytes", exec + 3s);
    EXPECT_GT(life.moves(), moves);
}

} // namespace
} // namespace embedd::daemon
