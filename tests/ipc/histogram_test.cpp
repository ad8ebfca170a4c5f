#include "ipc/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace embedd::ipc {
namespace {

using std::chrono::microseconds;

TEST(Histogram, KnowsNothingWhileEmpty)
{
    const Histogram empty;

    EXPECT_EQ(empty.quantile(0.5), std::nullopt);
    EXPECT_EQ(empty.max(), std::nullopt);
    EXPECT_EQ(empty.to_status().count, 0U);
    EXPECT_EQ(empty.to_status().p99_us, std::nullopt);
}

TEST(Histogram, IsAtMostEightTenthsOfAPercentOff)
{
    for (std::int64_t value = 1; value < 130'000'000; value = value * 9 / 8 + 1) {
        Histogram histogram;
        histogram.record(microseconds{value});
        histogram.record(microseconds{200'000'000}); // so that the maximum does not help
        const auto median = histogram.quantile(0.5)->count();
        EXPECT_LE(std::abs(static_cast<double>(median - value)), 0.008 * static_cast<double>(value)) << value;
    }
}

TEST(Histogram, GivesTheQuantilesOfWhatWasRecorded)
{
    Histogram histogram;
    for (int i = 1; i <= 100; ++i)
        histogram.record(microseconds{i < 64 ? i : 64 * (i - 62)});

    EXPECT_EQ(histogram.count(), 100U);
    EXPECT_EQ(histogram.quantile(0.0), microseconds{1});
    EXPECT_EQ(histogram.quantile(0.5), microseconds{50});
    EXPECT_EQ(histogram.quantile(1.0), histogram.max());
    EXPECT_EQ(histogram.max(), microseconds{64 * 38});
}

TEST(Histogram, BoundsAQuantileByTheLargestValueOfItsBucket)
{
    Histogram histogram;
    EXPECT_EQ(histogram.quantile_bound(0.99), std::nullopt);
    histogram.record(microseconds{63}, 99);
    histogram.record(microseconds{5'000});

    EXPECT_EQ(histogram.quantile_bound(0.99), microseconds{63});
    EXPECT_EQ(histogram.quantile_bound(1.0), microseconds{5'055});
}

TEST(Histogram, TakesWhatIsOutOfRangeIntoItsEnds)
{
    Histogram histogram;
    histogram.record(microseconds{-5});
    histogram.record(std::chrono::hours{10});

    EXPECT_EQ(histogram.quantile(0.0), microseconds{0});
    EXPECT_EQ(histogram.max(), std::chrono::hours{10});
    EXPECT_EQ(histogram.to_status().buckets.size(), 2U);
}

TEST(Histogram, MergesToTheSameAsRecordingAll)
{
    Histogram one, other, both;
    for (int i = 0; i < 1000; ++i) {
        (i % 3 == 0 ? one : other).record(microseconds{i * i});
        both.record(microseconds{i * i});
    }

    one.merge(other);

    EXPECT_EQ(one.to_status(), both.to_status());
    EXPECT_EQ(one.sum_us(), both.sum_us());
}

TEST(Histogram, BucketsHoldEveryCountAndRise)
{
    Histogram histogram;
    for (int i = 0; i < 5000; ++i)
        histogram.record(microseconds{i * 7}, 2);

    const auto status = histogram.to_status();

    std::uint64_t sum = 0, last = 0;
    for (const auto& [bound, count] : status.buckets) {
        EXPECT_TRUE(sum == 0 || bound > last);
        last = bound;
        sum += count;
    }
    EXPECT_EQ(sum, 10'000U);
    EXPECT_EQ(status.count, 10'000U);
}

} // namespace
} // namespace embedd::ipc
