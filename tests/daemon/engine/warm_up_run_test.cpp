#include "daemon/warm_up_run.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr std::uint64_t mebibyte = 1 << 20;

PlanFacts facts()
{
    return {.tasks = {"embed"}, .rungs = {8, 16, 32, 64}, .longest_input = 32, .lanes = 2};
}

WarmUpOrder order(WarmUpPlan plan = plan_warm_up(facts()))
{
    return {.plan = std::move(plan),
            .lanes = 2,
            .budget = 20s,
            .limits = {.longest_input = 32},
            .memory_bytes = 100 * mebibyte};
}

// A worker of so many lanes on a virtual clock: a pass takes what `cost` says.
class Simulation {
public:
    explicit Simulation(WarmUpOrder how) : lanes_(how.lanes), run(std::move(how), now) {}

    // Until the run is over, or this many visits were made.
    void go_on(std::size_t visits = 10'000)
    {
        std::vector<Visit> running;
        while (!run.finished() && visits > 0) {
            while (running.size() < lanes_) {
                auto visit = run.next(now);
                if (!visit)
                    break;
                running.push_back(*visit);
            }
            ASSERT_FALSE(running.empty()) << "a run that is not over wants nothing";
            const auto visit = running.front();
            running.erase(running.begin());
            taken.push_back(visit);
            --visits;
            if (visit.shape.rows > memory_ends_above) {
                run.out_of_memory(visit, now);
                continue;
            }
            ipc::Visited answer{.resident_bytes = resident(visit)};
            for (std::uint64_t pass = 0; pass < std::max<std::uint64_t>(1, visit.shape.passes); ++pass) {
                answer.device_us.push_back(cost(visit));
                now += std::chrono::microseconds(cost(visit));
            }
            run.visited(visit, answer, now);
        }
    }

    [[nodiscard]] std::size_t times_taken(std::uint64_t rows, bool touch) const
    {
        return static_cast<std::size_t>(std::ranges::count_if(taken, [&](const Visit& visit) {
            return visit.shape.rows == rows && (visit.shape.passes == 0) == touch;
        }));
    }

private:
    std::size_t lanes_;

public:
    Clock::time_point now;
    std::function<std::uint64_t(const Visit&)> cost = [](const Visit& visit) {
        return 100 * visit.shape.rows;
    };
    std::function<std::uint64_t(const Visit&)> resident = [](const Visit&) { return 110 * mebibyte; };
    std::uint64_t memory_ends_above = 1'000'000;
    std::vector<Visit> taken;
    WarmUpRun run;
};

std::vector<std::uint64_t> rows_of(const std::vector<RungCost>& rungs)
{
    std::vector<std::uint64_t> rows;
    for (const auto& rung : rungs)
        rows.push_back(rung.rows);
    return rows;
}

TEST(WarmUpRun, TouchesEveryRungOnceBeforeItTimesAny)
{
    Simulation simulation(order());
    simulation.go_on();

    for (const auto rows : {8U, 16U, 32U, 64U})
        EXPECT_EQ(simulation.times_taken(rows, true), 1U) << rows;
    const auto timed =
        std::ranges::find_if(simulation.taken, [](const Visit& visit) { return visit.shape.passes > 0; });
    EXPECT_EQ(timed - simulation.taken.begin(), 4);
}

TEST(WarmUpRun, TimesAnchorsTwiceOnEachLaneWhereTheyAreStable)
{
    Simulation simulation(order());
    simulation.go_on();

    EXPECT_EQ(simulation.times_taken(8, false), 2U * 2);
    const auto outcome = simulation.run.outcome();
    EXPECT_TRUE(outcome.stable);
    EXPECT_FALSE(outcome.budget_spent);
    EXPECT_THAT(rows_of(outcome.rungs), ElementsAre(8, 16, 32, 64));
    EXPECT_EQ(outcome.rungs.back().device_us, 6400U);
}

TEST(WarmUpRun, GoesOnUntilTheMediansOfTwoRoundsAgree)
{
    Simulation simulation(order());
    std::size_t slow_visits = 4 * 2; // four rounds on two lanes, each a tenth faster than the one before
    simulation.cost = [&](const Visit& visit) -> std::uint64_t {
        if (visit.shape.rows != 8 || visit.shape.passes == 0 || slow_visits == 0)
            return 100 * visit.shape.rows;
        return 5000 + 1000 * (slow_visits-- / 2 / visit.shape.passes);
    };
    simulation.go_on();

    EXPECT_GT(simulation.times_taken(8, false), 2U * 2);
    EXPECT_EQ(simulation.times_taken(16, false), 2U * 2) << "what is stable is left alone";
    EXPECT_TRUE(simulation.run.outcome().stable);
}

TEST(WarmUpRun, GivesUpOnAShapeThatNeverSettlesAndSaysSo)
{
    Simulation simulation(order());
    std::uint64_t turn = 0;
    simulation.cost = [&](const Visit& visit) {
        ++turn;
        return visit.shape.rows == 64 ? 1000 * (1 + turn * turn) : 100 * visit.shape.rows;
    };
    simulation.go_on();

    const auto outcome = simulation.run.outcome();
    EXPECT_FALSE(outcome.stable);
    for (const auto& cell : outcome.cells)
        EXPECT_LE(cell.rounds, WarmUpRun::rounds_at_most);
}

TEST(WarmUpRun, BeginsNothingNewOnceItsBudgetIsSpent)
{
    auto brief = order();
    brief.budget = 1ms;
    Simulation simulation(brief);
    simulation.cost = [](const Visit&) { return 900; };
    simulation.go_on();

    const auto outcome = simulation.run.outcome();
    EXPECT_TRUE(outcome.budget_spent);
    EXPECT_LT(outcome.rungs.size(), 4U);
    EXPECT_GE(outcome.rungs.size(), 1U) << "without a single rung there is nothing to serve with";
    EXPECT_GT(outcome.max_batch_tokens, 0U);
}

TEST(WarmUpRun, ChoosesTheBudgetOfABatchByTheLongestInputAndTheBestThroughput)
{
    Simulation long_inputs(order());
    long_inputs.go_on();
    EXPECT_EQ(long_inputs.run.outcome().max_batch_tokens, 32U);

    Simulation large_batches_pay(order());
    large_batches_pay.cost = [](const Visit& visit) { return 1000 + visit.shape.rows; };
    large_batches_pay.go_on();
    EXPECT_EQ(large_batches_pay.run.outcome().max_batch_tokens, 64U);
}

TEST(WarmUpRun, FillsAllLanesWithTheLargestBatchUntilTheMemoryHeldStopsGrowing)
{
    Simulation simulation(order());
    std::uint64_t held = 110;
    simulation.resident = [&](const Visit& visit) {
        const bool growing =
            simulation.run.stage() == WarmUpStage::memory && held < 130 && visit.shape.rows == 32;
        held += growing ? 5 : 0;
        return held * mebibyte;
    };
    simulation.go_on();

    const auto outcome = simulation.run.outcome();
    EXPECT_EQ(outcome.memory_before_bytes, 100 * mebibyte);
    EXPECT_EQ(outcome.memory_after_bytes, 130 * mebibyte);
    const auto memory = std::ranges::find(outcome.cells, "memory", &ipc::WarmUpCell::stage);
    ASSERT_NE(memory, outcome.cells.end());
    EXPECT_EQ(memory->rows, 32U);
    EXPECT_EQ(memory->rounds, 3U) << "two that grew, one that did not";
}

TEST(WarmUpRun, StaysBelowTheRowsThatDoNotFit)
{
    Simulation simulation(order());
    simulation.cost = [](const Visit& visit) { return 1000 + visit.shape.rows; };
    simulation.memory_ends_above = 32;
    simulation.go_on();

    const auto outcome = simulation.run.outcome();
    EXPECT_EQ(outcome.out_of_memory_rows, 64U);
    EXPECT_EQ(outcome.max_batch_tokens, 32U);
    EXPECT_THAT(rows_of(outcome.rungs), ElementsAre(8, 16, 32));
}

TEST(WarmUpRun, FindsThatAllLanesTogetherNeedMoreMemoryThanOne)
{
    Simulation simulation(order());
    simulation.go_on(4 + 2 * 2 * 6); // touched and timed: nothing failed
    ASSERT_EQ(simulation.run.stage(), WarmUpStage::memory);
    simulation.memory_ends_above = 16;
    simulation.go_on();

    EXPECT_EQ(simulation.run.outcome().max_batch_tokens, 16U);
}

TEST(WarmUpRun, HasNothingToServeWithWhereNotEvenTheSmallestFits)
{
    Simulation simulation(order());
    simulation.memory_ends_above = 0;
    simulation.go_on();

    EXPECT_TRUE(simulation.run.outcome().rungs.empty());
}

TEST(WarmUpRun, BesideTrafficTimesEachShapeTwiceAndCalibratesNothing)
{
    auto beside = order();
    beside.lanes = 1;
    beside.calibrates = false;
    beside.limits.fixed_tokens = 64;
    Simulation simulation(beside);
    std::uint64_t turn = 0;
    simulation.cost = [&](const Visit& visit) { return visit.shape.rows * (100 + 50 * (++turn % 3)); };
    simulation.go_on();

    const auto outcome = simulation.run.outcome();
    EXPECT_EQ(simulation.times_taken(8, false), 2U);
    EXPECT_EQ(outcome.max_batch_tokens, 64U);
    for (const auto& rung : outcome.rungs)
        EXPECT_EQ(rung.device_us, 0U);
}

TEST(WarmUpRun, WantsNothingWhileItRests)
{
    Simulation simulation(order());
    simulation.run.rest_until(simulation.now + 5s);

    EXPECT_FALSE(simulation.run.next(simulation.now));
    EXPECT_EQ(simulation.run.due(simulation.now), simulation.now + 5s);
    EXPECT_EQ(simulation.run.due(simulation.now + 5s), std::nullopt) << "it waits for a lane, not for a time";
    EXPECT_TRUE(simulation.run.next(simulation.now + 5s));
}

TEST(WarmUpRun, CountsItsVisits)
{
    Simulation simulation(order());
    const auto expected = simulation.run.total();
    EXPECT_EQ(simulation.run.done(), 0U);

    simulation.go_on();

    EXPECT_EQ(simulation.run.done(), simulation.run.total());
    EXPECT_EQ(simulation.run.total(), simulation.taken.size());
    EXPECT_GE(simulation.run.total(), expected);
}

TEST(WarmUpRun, OfNothingIsOverAtOnce)
{
    EXPECT_TRUE(WarmUpRun(order({}), Clock::time_point{}).finished());
}

} // namespace
} // namespace embedd::daemon
