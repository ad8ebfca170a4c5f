#include "bench/rewarm.hpp"

#include "bench/own_daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace embedd::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

LoadResult load(std::uint64_t tokens, std::chrono::microseconds elapsed, std::chrono::microseconds latency)
{
    LoadResult result{.requests = 1, .tokens = tokens, .elapsed = elapsed, .latency = {}, .first_error = {}};
    result.latency.record(latency);
    return result;
}

RewarmTimes good()
{
    return {.without = load(30'000, 1s, 20us), .with = load(57'000, 2s, 30us), .rewarms = {4s, 2s, 3s}};
}

RewarmOptions two_pairs(const OwnDaemon& daemon)
{
    return {.load = {.socket = daemon.socket(),
                     .words = {},
                     .batch_size = 1,
                     .requests = 8,
                     .time = 20ms,
                     .concurrency = 4,
                     .rate = {}},
            .pairs = 2};
}

TEST(MeasuredRewarm, SendsLoadInBothKindsOfWindowsAndRewarmsInOne)
{
    const OwnDaemon daemon{{FAKE_EMBEDD}};

    const auto times = measure_rewarm(two_pairs(daemon));

    EXPECT_THAT(times.without.requests, testing::Ge(8U));
    EXPECT_THAT(times.with.requests, testing::Ge(8U));
    EXPECT_EQ(times.without.failed + times.with.failed, 0U);
    EXPECT_THAT(times.rewarms, testing::SizeIs(testing::Ge(2)));
}

TEST(MeasuredRewarm, ThatFailsIsNoMeasurement)
{
    const OwnDaemon daemon{{FAKE_EMBEDD, "--rewarm", "failed"}};

    EXPECT_THAT([&] { static_cast<void>(measure_rewarm(two_pairs(daemon))); },
                testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("rewarm: ended as failed")));
}

TEST(Rewarm, KeepsTheShareOfThroughputThatRateOverRateTells)
{
    const auto summary = summarize(good());

    EXPECT_DOUBLE_EQ(*summary.without_per_second, 30'000);
    EXPECT_DOUBLE_EQ(*summary.with_per_second, 28'500);
    EXPECT_DOUBLE_EQ(*summary.ratio, 0.95);
}

TEST(Rewarm, TellsWhatItAddsToTheSlowestRequestsAndHowLongItTakes)
{
    const auto summary = summarize(good());

    EXPECT_EQ(summary.added_p99, 10us);
    EXPECT_EQ(summary.rewarm, 3s);
}

TEST(RewarmBars, AreKeptWhereTrafficHardlyNotices)
{
    EXPECT_THAT(missed_bars(summarize(good()), {}), IsEmpty());
}

TEST(RewarmBars, NameTheThroughputLostAndTheRequestsThatFailed)
{
    auto times = good();
    times.with.tokens = 48'000;
    times.without.failed = 1;
    times.with.failed = 2;

    EXPECT_THAT(missed_bars(summarize(times), {}),
                ElementsAre("throughput beside a re-warm is 0.80 of that without, the bar is 0.90",
                            "3 requests failed, the bar is none"));
}

TEST(RewarmBars, CannotBeKeptByWhatWasNotMeasured)
{
    EXPECT_THAT(missed_bars(summarize({}), {}),
                ElementsAre("nothing was measured: no request was answered, or no re-warm ended"));
}

TEST(LoadResult, OfTwoWindowsIsTheirSum)
{
    auto both = load(100, 1s, 20us);
    auto second = load(50, 2s, 40us);
    second.failed = 1;
    second.first_error = "the queue is full";

    both.merge(second);

    EXPECT_EQ(both.requests, 2U);
    EXPECT_EQ(both.tokens, 150U);
    EXPECT_EQ(both.elapsed, 3s);
    EXPECT_EQ(both.latency.count(), 2U);
    EXPECT_EQ(both.first_error, "the queue is full");
}

} // namespace
} // namespace embedd::bench
