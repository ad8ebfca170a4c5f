#include "bench/fairness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

TEST(Interference, MayBeThreeTimesAloneAndOneFullBatch)
{
    const Interference measured{.alone_p50 = 2ms, .alone_p99 = 4ms, .beside_p99 = 50ms, .full_batch = 38ms};

    EXPECT_EQ(measured.bound(), 50ms);
    EXPECT_THAT(missed_bars(measured), IsEmpty());
}

TEST(Interference, BeyondThatIsTooMuch)
{
    const Interference measured{.alone_p99 = 4ms, .beside_p99 = 51ms, .full_batch = 38ms};

    EXPECT_THAT(missed_bars(measured),
                ElementsAre("interactive p99 beside bulk work is 51.0 ms, the bound is 50.0"));
}

TEST(Shares, OfEqualsMayBeFivePointsApart)
{
    const Shares even{.first = 1050, .second = 950}, uneven{.first = 900, .second = 1100};

    EXPECT_DOUBLE_EQ(*even.of_first(), 0.525);
    EXPECT_THAT(missed_bars_of_equals(even, {.apart = 0.051}), IsEmpty());
    EXPECT_THAT(missed_bars_of_equals(uneven, {}),
                ElementsAre("the shares of two equal clients are 0.100 apart, the bound is 0.050"));
}

TEST(Shares, OfBatchPriorityHaveAFloor)
{
    EXPECT_THAT(missed_bars_of_floor({.first = 125, .second = 875}, {}), IsEmpty());
    EXPECT_THAT(missed_bars_of_floor({.first = 0, .second = 875}, {}),
                ElementsAre("batch priority gets 0.000 of the tokens, the bar is 0.100"));
}

TEST(Gathering, IsJudgedByTheMedianPair)
{
    Gathering measured{.many = {}, .one = {}, .ratios = {0.4, 0.96, 1.1}};
    EXPECT_THAT(missed_bars(measured, {}), IsEmpty());

    measured.ratios = {0.4, 0.94, 1.1};
    EXPECT_THAT(
        missed_bars(measured, {}),
        ElementsAre("64 clients with one text each get 0.940 of one full client's throughput, the bar "
                    "is 0.950"));
}

TEST(FairnessBars, CannotBeKeptByWhatWasNotMeasured)
{
    EXPECT_THAT(missed_bars(Interference{}),
                ElementsAre("interactive beside bulk work: nothing was measured"));
    EXPECT_THAT(missed_bars_of_equals({}, {}), ElementsAre("two equal clients: nothing was measured"));
    EXPECT_THAT(missed_bars_of_floor({}, {}),
                ElementsAre("batch priority beside interactive load: nothing was measured"));
    EXPECT_THAT(missed_bars(Gathering{}, {}), ElementsAre("64 clients against one: nothing was measured"));
}

} // namespace
} // namespace embedd::bench
