#include "daemon/verify.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace embedd::daemon {
namespace {

VerifyOptions ladder()
{
    VerifyOptions options;
    options.rungs = {8, 16, 24, 32, 64, 128, 256, 512};
    options.longest_input = 256;
    options.vocabulary = 1000;
    return options;
}

TEST(VerifyPlan, TriesLengthsThatAreNoRungsAgainstTheirRung)
{
    auto options = ladder();
    options.lengths = 100;
    const auto plans = plan_lengths(options);

    ASSERT_EQ(plans.size(), 7U);
    EXPECT_EQ(plans[0].rows, 8U);
    EXPECT_EQ(plans[0].unseen, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(plans[4].rows, 64U);
    EXPECT_EQ(plans[4].unseen, (std::vector<std::uint64_t>{33, 34, 35, 36, 37}));
}

TEST(VerifyPlan, NeverAsksForMoreThanAnInputMayHave)
{
    for (const auto& plan : plan_lengths(ladder()))
        EXPECT_LE(plan.rows, 256U);
}

TEST(VerifyPlan, TriesAllSizesWhateverIsDrawn)
{
    auto options = ladder();
    options.lengths = 3; // bands from 8 to 25, to 81, to 256 rows

    for (options.seed = 1; options.seed < 50; ++options.seed) {
        const auto plans = plan_lengths(options);
        ASSERT_EQ(plans.size(), 3U);
        EXPECT_LE(plans[0].rows, 25U);
        EXPECT_LE(plans[1].rows, 81U);
        EXPECT_GT(plans[2].rows, 81U);
    }
}

TEST(VerifyPlan, TriesOtherLengthsAtEachStart)
{
    auto options = ladder();
    options.lengths = 3;
    std::set<std::uint64_t> tried;
    for (options.seed = 1; options.seed < 50; ++options.seed)
        for (const auto& plan : plan_lengths(options))
            tried.insert(plan.rows);

    EXPECT_EQ(tried.size(), 7U);
}

TEST(VerifyJudge, ComparesMediansOfFirstsAndControls)
{
    const std::vector<LengthTimes> times{
        {.rows = 8, .length = 3, .firsts = {900, 110, 100}, .controls = {100, 100, 5000}},
        {.rows = 16, .length = 9, .firsts = {300, 300, 300}, .controls = {200, 200, 200}},
        {.rows = 24, .length = 17, .firsts = {50, 50, 50}, .controls = {100, 100, 100}}};

    const auto report = judge(times);

    EXPECT_DOUBLE_EQ(report.ratio, 1.1);
    EXPECT_DOUBLE_EQ(report.ratio_worst, 1.5);
    ASSERT_EQ(report.cells.size(), 3U);
    EXPECT_EQ(report.cells[0].first_us, 110U);
    EXPECT_EQ(report.cells[0].control_us, 100U);
    EXPECT_EQ(report.cells[0].length, 3U);
}

TEST(VerifyJudge, ThePromiseBoundsTheMedianAndTheWorst)
{
    const WarmUpPromise promise;

    EXPECT_TRUE((VerifyReport{.ratio = 1.2, .ratio_worst = 1.5, .cells = {}}.keeps(promise)));
    EXPECT_FALSE((VerifyReport{.ratio = 1.21, .ratio_worst = 1.3, .cells = {}}.keeps(promise)));
    EXPECT_FALSE((VerifyReport{.ratio = 1.0, .ratio_worst = 1.51, .cells = {}}.keeps(promise)));
}

} // namespace
} // namespace embedd::daemon
