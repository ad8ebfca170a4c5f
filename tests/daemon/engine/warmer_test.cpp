#include "daemon/log.hpp"
#include "daemon/warmer.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

// Two replicas without processes: the first is being warmed, the second may serve.
class PacedWarmUp : public testing::Test {
protected:
    PacedWarmUp()
    {
        warmed_.loaded(loaded_.lanes);
        warmer_.loaded(warmed_, loaded_, {}, now_);
    }

    void other_serves()
    {
        auto& other = *replicas_.all()[1];
        other.loaded(2);
        other.serving(now_);
    }

    void visit(bool traffic)
    {
        const auto visit = warmer_.next(warmed_, now_);
        ASSERT_TRUE(visit);
        (void)warmer_.visited(warmed_, *visit, {.device_us = {1000}}, took_, traffic, now_);
    }

    static ipc::Loaded loaded()
    {
        ipc::Loaded loaded{.lanes = 2, .rungs = {8, 16, 32}};
        loaded.card.model.max_tokens = 32;
        loaded.card.model.tasks = {"embed"};
        return loaded;
    }

    static EngineOptions two_replicas()
    {
        EngineOptions options;
        options.workers.resize(2);
        return options;
    }

    static constexpr auto took_ = 10ms;
    Clock::time_point now_;
    boost::asio::io_context io_;
    Log log_{2, Level::error};
    EngineOptions options_ = two_replicas();
    EngineEvents tell_;
    ReplicaSet replicas_{io_.get_executor(), options_, tell_, {}, log_};
    HostLoad::Member member_{options_.host, [this] { return EngineLoad{.lanes = replicas_.lanes()}; }};
    Warmer warmer_{options_.warm_up, replicas_, *options_.host};
    Replica& warmed_ = *replicas_.all()[0];
    ipc::Loaded loaded_ = loaded();
};

TEST_F(PacedWarmUp, BesideTrafficTakesLessThanATenthOfTheLanesThatServe)
{
    other_serves();
    visit(true);

    EXPECT_FALSE(warmer_.next(warmed_, now_));
    ASSERT_TRUE(warmer_.due(now_));
    const auto period = *warmer_.due(now_) - now_ + took_;
    EXPECT_LT(took_, 0.1 * 2 * period);
    EXPECT_TRUE(warmer_.next(warmed_, *warmer_.due(now_)));
}

TEST_F(PacedWarmUp, GoesOnAtOnceWhereNoClientHasAnythingToDo)
{
    other_serves();
    visit(false);

    EXPECT_TRUE(warmer_.next(warmed_, now_));
}

TEST_F(PacedWarmUp, GoesOnAtOnceOnCpusOfItsOwnUntilItServes)
{
    options_.workers[0].cpus = {0};
    other_serves();
    visit(true);

    EXPECT_TRUE(warmer_.next(warmed_, now_));
}

TEST_F(PacedWarmUp, RestsOnCpusOfItsOwnTooOnceItServes)
{
    options_.workers[0].cpus = {0};
    other_serves();
    warmed_.serving(now_);
    visit(true);

    EXPECT_FALSE(warmer_.next(warmed_, now_));
}

TEST_F(PacedWarmUp, GoesOnAtOnceWhereClientsWaitForThisVeryReplica)
{
    visit(true);

    EXPECT_TRUE(warmer_.next(warmed_, now_));
}

} // namespace
} // namespace embedd::daemon
