#include "bench/ratio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

using std::chrono::microseconds;
using testing::ElementsAre;
using namespace std::chrono_literals;

LengthTimes length_times(std::uint64_t length, Times firsts, Times controls)
{
    return {.length = length, .firsts = std::move(firsts), .controls = std::move(controls)};
}

TEST(Ratio, OfALengthIsItsMedianFirstOverItsMedianControlSoThatOneInterruptionIsNoColdShape)
{
    const std::vector<LengthTimes> lengths{length_times(9, {110us, 9000us, 90us}, {100us, 100us, 8000us})};

    EXPECT_DOUBLE_EQ(ratio_of_lengths(lengths)->median, 1.1);
}

TEST(Ratio, IsToldForTheMiddleAndTheWorstLength)
{
    const std::vector<LengthTimes> lengths{length_times(9, {100us}, {100us}),
                                           length_times(33, {300us}, {100us}),
                                           length_times(77, {120us}, {100us})};

    EXPECT_DOUBLE_EQ(ratio_of_lengths(lengths)->median, 1.2);
    EXPECT_DOUBLE_EQ(ratio_of_lengths(lengths)->worst, 3.0);
}

TEST(Ratio, OfNoLengthsIsUnknown)
{
    EXPECT_FALSE(ratio_of_lengths({}));
    EXPECT_FALSE(ratio_of_rungs({}));
    EXPECT_FALSE(median(Times{}));
}

TEST(Ratio, OfARungSeesTheFirstDrawThatWarmedItForTheOthers)
{
    const std::vector<LengthTimes> start{
        length_times(9, {400us, 100us, 100us, 100us, 100us}, {100us, 100us, 100us, 100us, 100us})};
    const std::vector starts{start, start, start};

    EXPECT_DOUBLE_EQ(ratio_of_lengths(start)->median, 1.0);
    EXPECT_DOUBLE_EQ(ratio_of_rungs(starts)->median, 4.0);
}

TEST(Ratio, OfARungLeavesOneSpoiltStartOut)
{
    const std::vector<LengthTimes> quiet{length_times(9, {100us}, {100us})};
    const std::vector<LengthTimes> spoilt{length_times(9, {9000us}, {100us})};
    const std::vector starts{quiet, spoilt, quiet};

    EXPECT_DOUBLE_EQ(ratio_of_rungs(starts)->worst, 1.0);
}

TEST(Ratio, OfAControlTooShortToMeasureIsNoDivisionByZero)
{
    const std::vector<LengthTimes> lengths{length_times(9, {3us}, {0us})};

    EXPECT_DOUBLE_EQ(ratio_of_lengths(lengths)->median, 3.0);
}

TEST(MeasuredLengths, BeginWithALengthNeverSeenAndTakeItAsTheControlFromThenOn)
{
    const std::vector<LengthPlan> plan{{.unseen = {9, 11, 10}}, {.unseen = {33}}};
    std::vector<std::uint64_t> asked;

    const auto times = measure_lengths(plan, [&](std::uint64_t tokens) {
        asked.push_back(tokens);
        return microseconds{asked.size()};
    });

    EXPECT_THAT(asked, ElementsAre(9, 9, /* the control leads */ 9, 11, 10, 9, 33, 33));
    EXPECT_THAT(times.front().firsts, ElementsAre(1us, 4us, 5us));
    EXPECT_THAT(times.front().controls, ElementsAre(2us, 3us, 6us));
    EXPECT_EQ(times.back().length, 33U);
}

} // namespace
} // namespace embedd::bench
