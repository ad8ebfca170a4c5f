#include "bench/overload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Clock::time_point at(std::chrono::milliseconds time)
{
    return Clock::time_point{time};
}

// 10 tokens every 10 ms from one moment to before another.
std::vector<Answered> steady(std::chrono::milliseconds from, std::chrono::milliseconds to)
{
    std::vector<Answered> answers;
    for (auto time = from; time < to; time += 10ms)
        answers.push_back({at(time), 10});
    return answers;
}

Overload good()
{
    Overload measured;
    measured.load.sent = 3000;
    measured.load.overloaded = 2000;
    measured.load.in_time = 995;
    measured.load.late = 3;
    measured.load.deadline_exceeded = 2;
    measured.before.resident_bytes = 20 << 20;
    measured.peak.resident_bytes = 90 << 20;
    measured.recovered = 300ms;
    return measured;
}

TEST(Recovery, IsOverAtTheBeginningOfTheFirstSecondAtFullRate)
{
    const auto answers = steady(700ms, 5000ms);

    EXPECT_EQ(recovery(answers, {at(0ms), at(5000ms)}, 1000, 1.0), 700ms);
    EXPECT_EQ(recovery(answers, {at(0ms), at(5000ms)}, 1000, 0.5), 200ms);
}

TEST(Recovery, TakesNoTimeWhereNothingWasLost)
{
    EXPECT_EQ(recovery(steady(0ms, 2000ms), {at(0ms), at(2000ms)}, 1000, 0.95), 0ms);
}

TEST(Recovery, IsNotOverWhileTheRateStaysBelow)
{
    EXPECT_EQ(recovery(steady(0ms, 5000ms), {at(0ms), at(5000ms)}, 1100, 0.95), std::nullopt);
    EXPECT_EQ(recovery({}, {at(0ms), at(5000ms)}, 1000, 0.95), std::nullopt);
}

TEST(OverloadBars, AreKeptWhereWhatWasAcceptedIsAnswered)
{
    EXPECT_THAT(missed_bars(good(), {}), IsEmpty());
}

TEST(OverloadBars, NameEachThatWasMissed)
{
    auto measured = good();
    measured.load.in_time = 500;
    measured.load.overloaded_unhinted = 7;
    measured.load.unanswered = 2;
    measured.load.other["internal"] = 3;
    measured.recovered = 1200ms;
    measured.peak.resident_bytes = 1044ULL << 20;

    EXPECT_THAT(missed_bars(measured, {}),
                ElementsAre("3 requests ended with internal", "2 requests were never answered",
                            "7 refusals without retry_after_ms",
                            "0.5000 of the accepted requests were answered in time, the bar is 0.9900",
                            "throughput was back after 1200 ms, the bar is 1000",
                            "the daemon grew by 1024 MiB, the bar is 512"));
}

TEST(OverloadBars, CannotBeKeptByADaemonThatRefusesAllOrNeverComesBack)
{
    auto measured = good();
    measured.load.overloaded = measured.load.sent;
    measured.recovered.reset();

    EXPECT_THAT(
        missed_bars(measured, {}),
        ElementsAre("no request was accepted", "throughput did not come back while it was looked at"));
}

} // namespace
} // namespace embedd::bench
