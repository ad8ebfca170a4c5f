#include "daemon/warm_up_plan.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace embedd::daemon {
namespace {

using testing::ElementsAre;

const std::vector<std::uint64_t> ladder{8,   16,  24,  32,  40,  48,  56,  64,  80,  96,
                                        112, 128, 144, 160, 176, 192, 208, 224, 240, 256};

PlanFacts facts()
{
    return {.tasks = {"embed"}, .rungs = ladder, .longest_input = 256, .lanes = 2};
}

std::vector<PlanCell> cells(const WarmUpPlan& plan, WarmUpStage stage, PlanReason reason)
{
    std::vector<PlanCell> some;
    std::ranges::copy_if(plan, std::back_inserter(some),
                         [&](const PlanCell& cell) { return cell.stage == stage && cell.reason == reason; });
    return some;
}

TEST(Anchors, GoFromTheFirstRungToTheLastInAboutEightSteps)
{
    EXPECT_THAT(anchors_of(ladder), ElementsAre(8, 16, 24, 40, 64, 96, 160, 256));
}

TEST(Anchors, AreTheOnlyRungWhereThereIsOne)
{
    EXPECT_THAT(anchors_of({8}), ElementsAre(8));
}

TEST(WarmUpPlan, TouchesEveryRungOfEveryTask)
{
    auto both = facts();
    both.tasks = {"embed", "rerank"};

    const auto touched = cells(plan_warm_up(both), WarmUpStage::lengths, PlanReason::ladder);

    ASSERT_EQ(touched.size(), 2 * ladder.size());
    for (std::size_t rung = 0; rung < ladder.size(); ++rung) {
        EXPECT_EQ(touched[rung].shape, (Shape{"embed", ladder[rung], ladder[rung]}));
        EXPECT_EQ(touched[ladder.size() + rung].shape.task, "rerank");
        EXPECT_FALSE(touched[rung].timed);
    }
}

TEST(WarmUpPlan, TimesAnchorsWithOneLongInputAndWithManyShortOnes)
{
    const auto timed = cells(plan_warm_up(facts()), WarmUpStage::lengths, PlanReason::anchor);

    std::vector<std::pair<std::uint64_t, std::uint64_t>> shapes;
    for (const auto& cell : timed) {
        EXPECT_TRUE(cell.timed);
        EXPECT_EQ(cell.uneven, cell.shape.length < cell.shape.rows);
        shapes.emplace_back(cell.shape.rows, cell.shape.length);
    }
    EXPECT_THAT(shapes,
                ElementsAre(std::pair{8, 8}, std::pair{16, 16}, std::pair{24, 24}, std::pair{24, 16},
                            std::pair{40, 40}, std::pair{40, 16}, std::pair{64, 64}, std::pair{64, 16},
                            std::pair{96, 96}, std::pair{96, 16}, std::pair{160, 160}, std::pair{160, 16},
                            std::pair{256, 256}, std::pair{256, 16}));
}

TEST(WarmUpPlan, FillsAllLanesWithTheLargestBatchAndSimulatesUpToFourClientsALane)
{
    const auto plan = plan_warm_up(facts());

    const auto memory = cells(plan, WarmUpStage::memory, PlanReason::ladder);
    ASSERT_EQ(memory.size(), 1U);
    EXPECT_EQ(memory.front().shape.rows, 256U);
    EXPECT_EQ(memory.front().concurrency, 2U);
    std::vector<std::uint64_t> clients;
    for (const auto& cell : cells(plan, WarmUpStage::concurrency, PlanReason::ladder))
        clients.push_back(cell.concurrency);
    EXPECT_THAT(clients, ElementsAre(1, 2, 4, 8));
}

TEST(WarmUpPlan, TimesTheShapesThatWereColdBefore)
{
    auto wiser = facts();
    wiser.learned = {{"embed", 40, 37}};

    const auto learned = cells(plan_warm_up(wiser), WarmUpStage::lengths, PlanReason::learned);

    ASSERT_EQ(learned.size(), 1U);
    EXPECT_EQ(learned.front().shape, (Shape{"embed", 40, 37}));
    EXPECT_TRUE(learned.front().timed);
}

TEST(WarmUpPlan, LeavesOutWhatWasLearnedOfAnotherModel)
{
    auto wiser = facts();
    wiser.learned = {{"embed", 41, 37}, {"embed", 40, 1000}, {"paint", 40, 37}, {"embed", 40, 0}};

    EXPECT_EQ(plan_warm_up(wiser), plan_warm_up(facts()));
}

TEST(RewarmPlan, IsOfTheLengthsAskedFor)
{
    const auto plan = plan_rewarm(facts(), {.lengths = {37, 256}});

    ASSERT_TRUE(plan);
    std::vector<std::uint64_t> rows;
    for (const auto& cell : *plan) {
        EXPECT_EQ(cell.reason, PlanReason::asked);
        rows.push_back(cell.shape.rows);
    }
    EXPECT_THAT(rows, ElementsAre(40, 40, 256, 256)) << "touched, then timed";
}

TEST(RewarmPlan, IsTheStageOfLengthsWhereNothingIsAskedFor)
{
    auto whole = plan_warm_up(facts());
    std::erase_if(whole, [](const PlanCell& cell) { return cell.stage != WarmUpStage::lengths; });

    EXPECT_EQ(*plan_rewarm(facts(), {}), whole);
    EXPECT_EQ(*plan_rewarm(facts(), {.task = "embed"}), whole);
}

TEST(RewarmPlan, RefusesWhatTheModelDoesNotHave)
{
    EXPECT_EQ(plan_rewarm(facts(), {.task = "paint"}).error().type, ipc::ErrorType::unsupported);
    const auto refused = plan_rewarm(facts(), {.lengths = {8, 257}});
    EXPECT_EQ(refused.error().type, ipc::ErrorType::bad_request);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("257"));
}

} // namespace
} // namespace embedd::daemon
