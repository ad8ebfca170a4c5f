#include "console/screen/history.hpp"

#include "tests/console/screen/scenes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace embedd::console::screen::test {
namespace {

Record heard(std::uint64_t from, std::uint64_t to)
{
    Record record;
    for (auto second = from; second <= to; ++second)
        remember(record, serving(second), {});
    return record;
}

TEST(History, RatesAreOfTheWindow)
{
    const auto record = heard(120, 180);

    // A wave of twelve seconds from 100 to 210 a second: 155 on the mean.
    EXPECT_DOUBLE_EQ(*rate(record, Window::minute, &ipc::Sample::requests), 155);
    EXPECT_DOUBLE_EQ(*rate(record, Window::ten_seconds, &ipc::Sample::requests), 165);
    EXPECT_EQ(within(record, Window::ten_seconds, "total").count(), 1650);
    EXPECT_EQ(within(record, Window::since_warm_up, "total").count(), record.status->counters.requests);
}

TEST(History, OneStatusIsNoWindow)
{
    const auto record = heard(120, 120);

    EXPECT_EQ(start_of(record, Window::ten_seconds), nullptr);
    EXPECT_EQ(rate(record, Window::ten_seconds, &ipc::Sample::requests), std::nullopt);
    EXPECT_EQ(within(record, Window::ten_seconds, "total").count(), 0);
}

TEST(History, AShortWatchIsAShorterWindow)
{
    const auto record = heard(120, 123);

    EXPECT_EQ(start_of(record, Window::minute)->sample.mono_us, serving(120).mono_us);
}

TEST(History, ANewWarmUpIsANewBeginning)
{
    auto record = heard(120, 130);
    auto status = serving(131);
    status.warmup.epoch = 2;
    remember(record, status, {});
    status = serving(141);
    status.warmup.epoch = 2;
    remember(record, status, {});

    EXPECT_TRUE(record.warm_seen);
    EXPECT_EQ(within(record, Window::since_warm_up, "total").count(),
              serving(141).counters.requests - serving(131).counters.requests);
}

TEST(History, AWarmUpThatWasNotSeenBeginsWhenTheWatchDoes)
{
    Record record;
    auto status = serving(131);
    status.warmup.epoch = 7;
    remember(record, status, {});

    EXPECT_FALSE(record.warm_seen);
    EXPECT_EQ(within(record, Window::since_warm_up, "total").count(), 0);
}

TEST(History, ADaemonThatBeganAnewHasNoPast)
{
    auto record = heard(120, 130);
    auto status = serving(25);
    status.pid = 99;
    remember(record, status, {});

    EXPECT_EQ(record.samples.size(), 1);
    EXPECT_EQ(record.moments.size(), 1);
    EXPECT_EQ(within(record, Window::since_warm_up, "total").count(), status.counters.requests);
}

TEST(History, StaysBoundedHoweverLongItIsWatched)
{
    auto record = heard(120, 120 + 2 * Record::most_samples);
    for (int i = 0; i < 100; ++i) { // at a short interval, and where time stands still
        auto status = serving(120 + 2 * Record::most_samples);
        status.mono_us += static_cast<std::uint64_t>(i / 2) * 1000;
        remember(record, status, {});
    }

    EXPECT_EQ(record.samples.size(), Record::most_samples);
    EXPECT_EQ(record.moments.size(), Record::most_moments);
}

TEST(History, TheDaemonsPastComesBeforeWhatIsHeard)
{
    std::vector<ipc::Sample> past;
    for (std::uint64_t second = 100; second < 130; ++second)
        past.push_back(moment_of(serving(second)).sample);
    past.push_back(moment_of(serving(5000)).sample); // the future is not taken
    past.push_back(past.front());                    // nor what comes out of order
    Record record;
    remember(record, serving(130), past);
    remember(record, serving(131), past);

    EXPECT_EQ(record.samples.size(), 32);
    EXPECT_TRUE(std::is_sorted(record.samples.begin(), record.samples.end(),
                               [](const auto& a, const auto& b) { return a.mono_us < b.mono_us; }));
}

TEST(History, WhatIsCountedIsKnownAtOnceWhereThePastCame)
{
    std::vector<ipc::Sample> past;
    for (std::uint64_t second = 60; second < 180; ++second)
        past.push_back(moment_of(serving(second)).sample);
    Record record;
    remember(record, serving(180), past);

    EXPECT_DOUBLE_EQ(*rate(record, Window::minute, &ipc::Sample::requests), 155);
    EXPECT_DOUBLE_EQ(*rate(record, Window::ten_seconds, &ipc::Sample::requests), 165);
    EXPECT_EQ(grown_in(record, Window::ten_seconds, &ipc::Sample::late_total_us), 1650 * 246);
    EXPECT_EQ(within(record, Window::ten_seconds, "total").count(), 0); // the past has no percentiles
}

TEST(History, SecondsThatWereNotHeardAreUnknown)
{
    Record record;
    for (const std::uint64_t second : {120, 121, 122, 126, 127})
        remember(record, serving(second), {});
    const auto known = [&](std::uint64_t silent_us) {
        std::string text;
        for (const auto& second : last_seconds(record, 8, silent_us))
            text += second.known() ? 'x' : '.';
        return text;
    };

    EXPECT_EQ(known(0), ".xx....x");
    EXPECT_EQ(known(2'000'000), "x....x..");
    EXPECT_EQ(known(~std::uint64_t{0}), "........");
}

TEST(History, CountsThatFellBeginAtZero)
{
    EXPECT_EQ(grown(5, 9), 4);
    EXPECT_EQ(grown(9, 5), 5);
}

TEST(History, ASampleHasTheAnswersByClass)
{
    ipc::Status status;
    status.latency["embed"]["total"].buckets = {{125, 1}, {126, 2}, {2'048'000, 4}, {2'048'001, 8}};

    const auto classes = moment_of(status).sample.latency.at("total");

    EXPECT_EQ(classes, (std::vector<std::uint64_t>{1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 8}));
}

} // namespace
} // namespace embedd::console::screen::test
