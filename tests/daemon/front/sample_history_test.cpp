#include "daemon/metrics.hpp"
#include "daemon/sample_history.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point begun{1h};

// Looked at so often for so long.
SampleHistory looked_at_each(Clock::duration step, Clock::duration whole)
{
    SampleHistory history;
    for (auto now = begun; now < begun + whole; now += step)
        if (history.due(now))
            history.keep({.mono_us = static_cast<std::uint64_t>((now - begun) / 1us)}, now);
    return history;
}

TEST(SampleHistory, BeginsAtOnce)
{
    EXPECT_TRUE(SampleHistory().due(begun));
    EXPECT_TRUE(SampleHistory().samples().empty());
}

TEST(SampleHistory, HasASampleASecondHoweverOftenItIsLookedAt)
{
    for (const Clock::duration step : {Clock::duration(100ms), Clock::duration(700ms), Clock::duration(1s)})
        EXPECT_EQ(looked_at_each(step, 70s).samples().size(), 70U) << step / 1ms;
    EXPECT_EQ(looked_at_each(1000200us, 600s).samples().size(), 600U);
}

TEST(SampleHistory, MissesWhatNobodyLookedAtAndGoesOn)
{
    SampleHistory history;
    history.keep({}, begun);

    history.keep({}, begun + 10s);

    EXPECT_FALSE(history.due(begun + 10'999ms));
    EXPECT_TRUE(history.due(begun + 11s));
    EXPECT_EQ(history.samples().size(), 2U);
}

TEST(SampleHistory, KeepsTheLastTenMinutes)
{
    const auto history = looked_at_each(1s, 2000s);

    ASSERT_EQ(history.samples().size(), 600U);
    EXPECT_EQ(history.samples().front().mono_us, 1'400'000'000U);
    EXPECT_EQ(history.samples().back().mono_us, 1'999'000'000U);
}

TEST(LatencyClasses, AreTheFirstWhoseBoundIsNotExceeded)
{
    const auto class_of = [](std::uint64_t us) {
        Metrics metrics;
        metrics.answered("tokenize", {.total_us = us}, 1, 1, false);
        const auto counts = metrics.latency_classes().at("total");
        return std::ranges::find(counts, 1U) - counts.begin();
    };

    EXPECT_EQ(class_of(0), 0);
    EXPECT_EQ(class_of(125), 0);
    EXPECT_EQ(class_of(126), 1);
    EXPECT_EQ(class_of(250), 1);
    EXPECT_EQ(class_of(251), 2);
    EXPECT_EQ(class_of(500), 2);
    EXPECT_EQ(class_of(2'048'000), 14);
    EXPECT_EQ(class_of(2'048'001), 15);
    EXPECT_EQ(class_of(1ULL << 60), 15);
}

TEST(LatencyClasses, AreOfAllTasksTogether)
{
    Metrics metrics;
    metrics.answered("tokenize", {.total_us = 100}, 1, 1, false);
    metrics.answered("embed", {.total_us = 110}, 1, 1, false);
    metrics.answered("embed", {.total_us = 200}, 1, 1, true);

    const auto classes = metrics.latency_classes();

    EXPECT_EQ(classes.at("total")[0], 2U);
    EXPECT_EQ(classes.at("total_cold")[1], 1U);
    EXPECT_EQ(classes.at("queue")[0], 2U);
}

} // namespace
} // namespace embedd::daemon
