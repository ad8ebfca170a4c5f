#include "bench/coldstart_result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

using std::chrono::microseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

// Three starts of the default variant that keep every bar.
VariantTimes good()
{
    const std::vector<LengthTimes> start{
        {.length = 9, .firsts = {105us, 100us}, .controls = {100us, 100us}},
        {.length = 77, .firsts = {210us, 210us}, .controls = {200us, 200us}}};
    ShapeTimes shapes;
    shapes.first.record(1000us);
    return {.variant = Variant::warmed,
            .to_ready = {1200ms, 1300ms, 1250ms},
            .lengths = {start, start, start},
            .shapes = {shapes, shapes, shapes},
            .ends = std::vector<EndOfStart>(6)};
}

void make_draw(VariantTimes& times, std::size_t draw, microseconds took)
{
    for (auto& start : times.lengths)
        for (auto& length : start)
            length.firsts[draw] = took;
}

TEST(ColdstartBars, AreKeptByAWarmStart)
{
    EXPECT_THAT(missed_bars({good()}, {}), IsEmpty());
}

TEST(ColdstartBars, NameTheTimeToReadyByItsMedianOverStarts)
{
    auto times = good();
    times.to_ready = {1200ms, 4100ms, 3500ms};

    EXPECT_THAT(missed_bars({times}, {}), ElementsAre("exec to READY is 3.50 s, the bar is 3.00 s"));
}

TEST(ColdstartBars, AreThoseThatWereAsked)
{
    EXPECT_THAT(missed_bars({good()}, {.ratio = 1.0, .worst = 2.0, .ready = std::chrono::seconds{1}}),
                ElementsAre("first ÷ control of new lengths, the median, is 1.05, the bar is 1.00",
                            "first ÷ control of new rungs, the median, is 1.05, the bar is 1.00",
                            "exec to READY is 1.25 s, the bar is 1.00 s"));
}

TEST(ColdstartBars, AreMissedByARungThatOnlyItsFirstDrawFoundCold)
{
    auto times = good();
    make_draw(times, 0, 400us);
    for (auto& start : times.lengths)
        for (auto& length : start) {
            length.firsts = {400us, 100us, 100us};
            length.controls = {100us, 100us, 100us};
        }

    EXPECT_THAT(missed_bars({times}, {}),
                ElementsAre("first ÷ control of new rungs, the median, is 4.00, the bar is 1.20",
                            "first ÷ control of new rungs, the worst, is 4.00, the bar is 1.50"));
}

TEST(ColdstartBars, JudgeTheWorstRungOnlyByStartsEnoughForAMedian)
{
    auto times = good();
    times.lengths.resize(1);
    times.lengths.front().push_back(
        {.length = 120, .firsts = {900us, 300us, 300us}, .controls = {300us, 300us, 300us}});
    times.lengths.front().push_back({.length = 140, .firsts = {300us}, .controls = {300us}});

    EXPECT_THAT(missed_bars({times}, {}), IsEmpty());
}

TEST(ColdstartBars, AllowNoColdHitInAnyStart)
{
    auto times = good();
    times.ends[1].cold_hits = 2;
    times.ends[4].cold_hits = 1;

    EXPECT_THAT(missed_bars({times}, {}), ElementsAre("3 batches were cold, the bar is none"));
}

TEST(ColdstartBars, AreThoseOfTheDefaultVariantAlone)
{
    auto cold = good();
    cold.variant = Variant::unwarmed;
    cold.ends[0].cold_hits = 50;

    EXPECT_THAT(missed_bars({cold, good()}, {}), IsEmpty());
}

TEST(ColdstartBars, CannotBeKeptByWhatWasNotMeasured)
{
    auto nothing = good();
    nothing.lengths.clear();

    EXPECT_THAT(
        missed_bars({}, {}),
        ElementsAre("the bars are the default variant's, which was not measured: add it to --variants"));
    EXPECT_THAT(missed_bars({nothing}, {}),
                ElementsAre("nothing was measured: the model takes no length that could be tried"));
}

TEST(ColdstartSummary, IsMediansOverStarts)
{
    auto times = good();
    times.shapes[0].first.record(900ms);
    times.shapes[0].slow = 40;
    times.shapes[2].slow = 2;

    const auto summary = summarize(times);

    EXPECT_EQ(summary.to_ready, 1250ms);
    EXPECT_EQ(summary.max, 1000us);
    EXPECT_EQ(summary.slow_requests, 2);
}

TEST(ColdstartSummary, TellsColdStartOfTheStartThatMetTheMostShapes)
{
    auto times = good();
    times.ends[0].cold_start = {.shapes = 12, .first_us = 24'000, .steady_us = 12'000};
    times.ends[1].cold_start = {.shapes = 60, .first_us = 900'000, .steady_us = 400'000};

    EXPECT_EQ(summarize(times).cold_start->shapes, 60U);
}

TEST(ColdstartSummary, OfABareLoopKnowsNoColdHits)
{
    auto times = good();
    times.variant = Variant::bare;
    times.ends.clear();

    EXPECT_FALSE(summarize(times).cold_hits);
    EXPECT_FALSE(summarize(times).cold_start);
}

TEST(Variants, AreReadByTheirNames)
{
    EXPECT_EQ(variant_from("default"), Variant::warmed);
    EXPECT_EQ(variant_from("unwarmed"), Variant::unwarmed);
    EXPECT_EQ(variant_from("bare"), Variant::bare);
    EXPECT_FALSE(variant_from("warm"));
}

} // namespace
} // namespace embedd::bench
