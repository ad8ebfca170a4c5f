#include "console/screen/distribution.hpp"

#include "ipc/histogram.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace embedd::console::screen {
namespace {

using namespace std::chrono_literals;
using Buckets = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

Distribution of(Buckets buckets, std::optional<std::uint64_t> max_us = std::nullopt)
{
    ipc::LatencyStatus status;
    status.buckets = std::move(buckets);
    status.max_us = max_us;
    return Distribution{status};
}

TEST(Distribution, AgreesWithTheHistogramItWasSentBy)
{
    ipc::Histogram histogram;
    for (int us = 1; us <= 20'000; us += 7)
        histogram.record(std::chrono::microseconds{us * us});
    const auto status = histogram.to_status();

    const Distribution distribution{status};

    EXPECT_EQ(distribution.count(), status.count);
    EXPECT_EQ(distribution.quantile_us(0.5), status.p50_us);
    EXPECT_EQ(distribution.quantile_us(0.9), status.p90_us);
    EXPECT_EQ(distribution.quantile_us(0.99), status.p99_us);
    EXPECT_EQ(distribution.quantile_us(0.999), status.p999_us);
    EXPECT_EQ(distribution.max(), (Distribution::Max{*status.max_us, true}));
}

TEST(Distribution, HasNoPercentileOfFewerAnswersThanItNeeds)
{
    EXPECT_EQ(of({}).quantile_us(0.5), std::nullopt);
    EXPECT_EQ(of({{10, 1}}).quantile_us(0.5), std::nullopt);
    EXPECT_EQ(of({{10, 2}}).quantile_us(0.5), 10);
    EXPECT_EQ(of({{10, 9}}).quantile_us(0.9), std::nullopt);
    EXPECT_EQ(of({{10, 10}}).quantile_us(0.9), 10);
    EXPECT_EQ(of({{10, 999}}).quantile_us(0.999), std::nullopt);
    EXPECT_EQ(of({{10, 1000}}).quantile_us(0.999), 10);
}

TEST(Distribution, IsWhatCameAfterAnEarlierOne)
{
    const auto earlier = of({{10, 5}, {30, 1}}, 29);
    const auto later = of({{10, 7}, {20, 3}, {30, 1}}, 29);

    EXPECT_EQ(later.since(earlier).buckets(), (std::vector<Distribution::Bucket>{{10, 2}, {20, 3}}));
    EXPECT_EQ(later.since(earlier).count(), 5);
    EXPECT_EQ(later.since(later).count(), 0);
    EXPECT_EQ(later.since({}).count(), later.count());
}

TEST(Distribution, KnowsTheLongestOfAWindowOnlyWhereItIsTheDaemonsLongest)
{
    const auto earlier = of({{10, 5}, {30, 1}}, 29);

    EXPECT_EQ(of({{10, 7}, {30, 1}}, 29).since(earlier).max(), (Distribution::Max{10, false}));
    EXPECT_EQ(of({{10, 5}, {30, 1}, {50, 1}}, 44).since(earlier).max(), (Distribution::Max{44, true}));
    EXPECT_EQ(earlier.since({}).max(), (Distribution::Max{29, true}));
    EXPECT_EQ(of({}).max(), std::nullopt);
}

TEST(Distribution, BeginsAnewWhereACountFell)
{
    EXPECT_EQ(of({{10, 3}}).since(of({{10, 5}})).count(), 3);
    EXPECT_EQ(of({{20, 3}}).since(of({{10, 5}})).count(), 3);
    EXPECT_EQ(of({{10, 5}}).since(of({{10, 5}, {20, 1}})).count(), 5);
}

TEST(Distribution, TakesWhateverIsSent)
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();

    const auto odd = of({{most, most}, {5, 2}, {0, 0}, {5, most}, {0, 1}});

    EXPECT_EQ(odd.buckets(), (std::vector<Distribution::Bucket>{{0, 1}, {5, most}, {most, most}}));
    EXPECT_EQ(odd.count(), most);
    EXPECT_TRUE(odd.quantile_us(0.5).has_value());
    EXPECT_EQ(of(Buckets(10'000, {7, 1})).count(), Distribution::most_buckets);
}

TEST(Distribution, AddsTheTasksOfAStage)
{
    ipc::Status status;
    status.latency["embed"]["total"].buckets = {{10, 1}};
    status.latency["rerank"]["total"].buckets = {{10, 2}, {20, 1}};

    const auto stages = stages_of(status);

    EXPECT_EQ(stages.at("total").buckets(), (std::vector<Distribution::Bucket>{{10, 3}, {20, 1}}));
}

} // namespace
} // namespace embedd::console::screen
