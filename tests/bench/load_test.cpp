#include "bench/load.hpp"

#include "bench/own_daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

TEST(Load, SendsEachRequestOnceOverTheConnectionsOfAllItsThreads)
{
    const OwnDaemon daemon{{FAKE_EMBEDD}};

    const auto result = run_load({.socket = daemon.socket(),
                                  .tokens = 7,
                                  .batch_size = 2,
                                  .requests = 13,
                                  .concurrency = 5,
                                  .threads = 3});

    EXPECT_EQ(result.requests, 13U);
    EXPECT_EQ(result.failed, 0U);
    EXPECT_EQ(result.texts, 26U);
    EXPECT_EQ(result.latency.count(), 13U);
}

TEST(Load, GoesOnForTheTimeAskedAndEndsOnce)
{
    const OwnDaemon daemon{{FAKE_EMBEDD}};

    const auto result = run_load({.socket = daemon.socket(),
                                  .batch_size = 1,
                                  .requests = 2,
                                  .time = 300ms,
                                  .concurrency = 4,
                                  .threads = 2});

    EXPECT_GT(result.requests, 4U);
    EXPECT_GE(result.elapsed, 300ms);
    EXPECT_LT(result.elapsed, 60s);
}

TEST(Load, HasNoMoreThreadsThanConnections)
{
    const OwnDaemon daemon{{FAKE_EMBEDD}};

    const auto result =
        run_load({.socket = daemon.socket(), .batch_size = 1, .requests = 3, .concurrency = 1, .threads = 8});

    EXPECT_THAT(result.requests, Ge(3U));
    EXPECT_EQ(result.failed, 0U);
}

} // namespace
} // namespace embedd::bench
