#include "console/embedctl/warm_up_verdict.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace embedd::console {
namespace {

constexpr RatioBounds bounds{.median = 1.2, .worst = 1.5};

ipc::WarmUpRecord verified(double ratio, double worst)
{
    ipc::WarmUpRecord record{.model = "mini", .dtype = "bfloat16"};
    record.report.started = "2026-11-21T08:00:00Z";
    record.report.ratio = ratio;
    record.report.ratio_worst = worst;
    return record;
}

Verdict judge_one(const ipc::WarmUpRecord& record)
{
    return judge(std::span{&record, 1}, bounds);
}

TEST(Verdict, SaysTheRatiosOfAWarmUpWithinTheBounds)
{
    const auto verdict = judge_one(verified(1.2, 1.5));

    EXPECT_TRUE(verdict.kept);
    EXPECT_EQ(verdict.text, "the warm-up of mini bfloat16 at 2026-11-21T08:00:00Z is within the bounds: "
                            "ratio 1.200 (at most 1.200), worst 1.500 (at most 1.500)");
}

TEST(Verdict, HoldsTheMedianAndTheWorstToTheirBounds)
{
    const auto median = judge_one(verified(1.201, 1.3));
    const auto worst = judge_one(verified(1.0, 1.51));

    EXPECT_FALSE(median.kept);
    EXPECT_EQ(median.text, "the warm-up of mini bfloat16 at 2026-11-21T08:00:00Z is above the bounds: "
                           "ratio 1.201 (at most 1.200), worst 1.300 (at most 1.500); "
                           "see embedctl warmups --compare");
    EXPECT_FALSE(worst.kept);
}

TEST(Verdict, LooksAtTheNewestAlone)
{
    const std::vector<ipc::WarmUpRecord> warmups{verified(9, 9), verified(1, 1)};

    EXPECT_TRUE(judge(warmups, bounds).kept);
}

TEST(Verdict, TakesNoneThatWasNotVerified)
{
    ipc::WarmUpRecord record{.model = "mini", .dtype = "bfloat16"};
    record.report.started = "2026-11-21T08:00:00Z";
    record.report.result = "unproven";

    const auto verdict = judge_one(record);

    EXPECT_FALSE(verdict.kept);
    EXPECT_EQ(verdict.text, "the warm-up of mini bfloat16 at 2026-11-21T08:00:00Z was not verified (result "
                            "unproven), so it has no ratio: warm up again, with a larger --warmup-budget");
}

TEST(Verdict, TakesNoneThatMissedItsPromise)
{
    auto record = verified(1.1, 1.1);
    record.report.result = "missed";

    const auto verdict = judge_one(record);

    EXPECT_FALSE(verdict.kept);
    EXPECT_EQ(verdict.text, "the warm-up of mini bfloat16 at 2026-11-21T08:00:00Z has the result missed: "
                            "ratio 1.100 (at most 1.200), worst 1.100 (at most 1.500); "
                            "the daemon's journal says why");
}

TEST(Verdict, NeedsAWarmUp)
{
    const auto verdict = judge({}, bounds);

    EXPECT_FALSE(verdict.kept);
    EXPECT_EQ(verdict.text,
              "no warm-up is known: start the daemon with --warmup true and ask again once it is ready");
}

} // namespace
} // namespace embedd::console
