#include "daemon/warmer.hpp"
#include "tests/daemon/engine/engine_fixture.hpp"
#include "tests/fake_worker/fake_vectors.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// What a re-warm told.
struct Rewarm {
    std::vector<ipc::Progress> events;
    std::optional<RewarmOutcome> outcome;
    RewarmId id = 0;

    ipc::Result<RewarmId> begin(Service& service, const ipc::RewarmRequest& request = {})
    {
        auto begun = service.engine->rewarm(
            request, [this](const ipc::Progress& event) { events.push_back(event); },
            [this](const RewarmOutcome& how) { outcome = how; });
        id = begun ? *begun : 0;
        return begun;
    }
};

std::size_t visits_of(const Service& service, std::uint64_t rows)
{
    std::istringstream lines(service.log("visits"));
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);)
        count += line.starts_with("rows=" + std::to_string(rows) + ' ') ? 1 : 0;
    return count;
}

TEST(Warming, VisitsEveryRungBeforeItTakesABatch)
{
    Service service;
    service.fault("visits");
    service.start();

    for (const auto rows : fake::rungs(0))
        EXPECT_GE(visits_of(service, rows), 1U) << rows;
    EXPECT_EQ(service.log("log"), "");
    EXPECT_EQ(service.warmed->rungs.size(), fake::rungs(0).size());
}

TEST(Warming, VisitsAShapeThatIsSlowAtFirstSoThatNoClientMeetsIt)
{
    Service service;
    service.fault("slow-first-40");
    service.start();

    auto& answer = service.submit({ipc::TokenIds(37, 7)});
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));

    EXPECT_FALSE(answer.result->value().cold);
    EXPECT_TRUE(service.cold_hits.empty());
}

TEST(Warming, BeginsAnewWithAWorkerThatDiedInIt)
{
    Service service;
    service.fault("die-at-visit-once");
    service.start();

    EXPECT_THAT(service.trouble.value_or(""), HasSubstr("SIGKILL"));
    EXPECT_EQ(service.warmed->rungs.size(), fake::rungs(0).size());
    EXPECT_EQ(service.engine->counters().restarts, 1U);
}

TEST(Warming, ThatAlwaysEndsTheWorkerEndsTheService)
{
    auto options = patient();
    options.pace.tries = 3;
    Service service(options);
    service.fault("die-at-visit");
    service.engine->start();

    ASSERT_TRUE(service.run_until([&] { return service.fatal.has_value(); }));
    EXPECT_EQ(service.fatal->code, ExitCode::replicas_lost);
    EXPECT_FALSE(service.warmed);
}

TEST(Warming, KillsAWorkerThatHangsInAVisitThoughItsHeartBeats)
{
    auto options = patient();
    options.pace.visit_limit = 50ms;
    Service service(options);
    service.fault("hold-warmup");
    service.engine->start();

    ASSERT_TRUE(service.run_until([&] { return service.engine->counters().restarts > 0; }));
    service.no_fault("hold-warmup");
    ASSERT_TRUE(service.run_until([&] { return service.warmed.has_value(); }));
}

TEST(Warming, DoesNotServeWhatComputesNumbersThatAreNotFinite)
{
    Service service;
    service.fault("nan-visit");
    service.engine->start();

    ASSERT_TRUE(service.run_until([&] { return service.engine->counters().restarts > 1; }));
    EXPECT_FALSE(service.warmed);

    service.no_fault("nan-visit");
    ASSERT_TRUE(service.run_until([&] { return service.warmed.has_value(); }));
}

TEST(Warming, ReplacesAWorkerThatAnswersAVisitAsABatch)
{
    Service service;
    service.fault("confuse-visit");
    service.start();

    EXPECT_EQ(service.engine->counters().restarts, 1U);
}

TEST(Warming, StaysBelowTheBatchThatDoesNotFit)
{
    Service service;
    service.fault("oom-above-100");
    service.start();

    EXPECT_EQ(service.warmed->out_of_memory_rows, 112U);
    EXPECT_EQ(service.warmed->max_batch_tokens, 96U);
    EXPECT_EQ(service.engine->batch().max_tokens, 96U);
    auto& answer = service.submit({ipc::TokenIds(90, 7), ipc::TokenIds(90, 8)});
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));
    EXPECT_TRUE(answer.result->has_value());
}

TEST(Warming, ServesWithWhatItHasOnceItsBudgetIsSpent)
{
    auto options = patient();
    options.warm_up.budget = 0ms;
    Service service(options);
    service.start();

    EXPECT_TRUE(service.warmed->budget_spent);
    EXPECT_LT(service.warmed->rungs.size(), fake::rungs(0).size());
    auto& answer = service.submit({ipc::TokenIds(200, 7)});
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));
    EXPECT_TRUE(answer.result->value().cold) << "what was not visited is cold, and counted";
    ASSERT_EQ(service.cold_hits.size(), 1U);
    EXPECT_EQ(service.cold_hits.front().cause, "rung");
    EXPECT_EQ(service.cold_hits.front().rows, 208U);
    EXPECT_EQ(service.cold_hits.front().length, 200U);
}

TEST(ColdHits, JoinTheNextPlan)
{
    Service service;
    service.start();
    const auto before = service.engine->plan_cells();
    service.fault("cold-40");

    auto& answer = service.submit({ipc::TokenIds(37, 7)});
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));

    ASSERT_EQ(service.cold_hits.size(), 1U);
    EXPECT_EQ(service.cold_hits.front().cause, "slow");
    EXPECT_FALSE(answer.result->value().cold) << "only an unseen shape is the start's own fault";
    EXPECT_EQ(*service.engine->plan_cells(), *before + 1);
}

TEST(ColdStart, IsCountedWhereWarmUpIsLeftOut)
{
    auto options = patient();
    options.warmup = false;
    Service service(options);
    service.engine->start();

    std::optional<bool> cold;
    for (const bool first : {true, false}) {
        auto& answer = service.submit({ipc::TokenIds(37, 7)});
        ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));
        EXPECT_EQ(answer.result->value().cold, first);
    }
    ASSERT_TRUE(service.engine->cold_start());
    EXPECT_EQ(service.engine->cold_start()->shapes, 1U);
    EXPECT_EQ(service.engine->cold_start()->steady_us, fake::cost_us(40));
}

TEST(Rewarming, VisitsTheWholePlanOfEachReplicaOneAfterAnother)
{
    auto options = patient();
    options.workers.resize(2);
    Service service(options);
    service.engine->start();
    const auto serve = [&](const char* state) {
        for (const auto& replica : service.engine->replicas(Clock::now()))
            if (replica.state != state)
                return false;
        return true;
    };
    ASSERT_TRUE(service.run_until([&] { return serve("ready"); }));
    const auto costs = service.engine->batch().max_tokens;
    service.fault("visits");
    Rewarm rewarm;

    ASSERT_TRUE(rewarm.begin(service));
    ASSERT_TRUE(service.run_until([&] { return rewarm.outcome.has_value(); }));

    EXPECT_EQ(rewarm.outcome->result, "done");
    EXPECT_THAT(rewarm.outcome->replicas, testing::ElementsAre(0, 1));
    EXPECT_TRUE(std::ranges::is_sorted(rewarm.events, {}, &ipc::Progress::replica));
    EXPECT_EQ(rewarm.events.back().done, rewarm.events.back().total);
    for (const auto rows : fake::rungs(0))
        EXPECT_GE(visits_of(service, rows), 2U) << rows;
    for (const auto& cell : rewarm.outcome->cells)
        EXPECT_TRUE(cell.first_us && cell.steady_us) << "before and after";
    EXPECT_EQ(service.engine->batch().max_tokens, costs) << "a calibration made in quiet stays";
}

TEST(Rewarming, VisitsTheLengthsAskedForAlone)
{
    Service service;
    service.start();
    service.fault("visits");
    Rewarm rewarm;

    ASSERT_TRUE(rewarm.begin(service, {.lengths = {37}}));
    ASSERT_TRUE(service.run_until([&] { return rewarm.outcome.has_value(); }));

    EXPECT_GE(visits_of(service, 40), 2U);
    EXPECT_EQ(visits_of(service, 8), 0U);
    ASSERT_EQ(rewarm.outcome->cells.size(), 1U);
    EXPECT_EQ(rewarm.outcome->cells.front().length, 37U);
}

TEST(Rewarming, AnswersClientsMeanwhile)
{
    Service service;
    service.start();
    Rewarm rewarm;
    ASSERT_TRUE(rewarm.begin(service));

    for (std::int32_t text = 0; text < 200; ++text)
        service.submit({ipc::TokenIds(20, text)});

    ASSERT_TRUE(service.run_until([&] { return rewarm.outcome && service.all_answered(); }));
    EXPECT_EQ(rewarm.outcome->result, "done");
}

TEST(Rewarming, IsOneAtATime)
{
    Service service;
    service.start();
    service.fault("hold-warmup");
    Rewarm first, second;
    ASSERT_TRUE(first.begin(service));

    const auto refused = second.begin(service);

    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("under way"));
    service.no_fault("hold-warmup");
    ASSERT_TRUE(service.run_until([&] { return first.outcome.has_value(); }));
    EXPECT_TRUE(second.begin(service));
}

TEST(Rewarming, EndsWhenItIsCancelled)
{
    Service service;
    service.start();
    service.fault("hold-warmup");
    Rewarm rewarm;
    ASSERT_TRUE(rewarm.begin(service));

    EXPECT_TRUE(service.engine->cancel_rewarm(rewarm.id));
    EXPECT_FALSE(service.engine->cancel_rewarm(rewarm.id));
    service.no_fault("hold-warmup");

    ASSERT_TRUE(service.run_until([&] { return rewarm.outcome.has_value(); }));
    EXPECT_EQ(rewarm.outcome->result, "cancelled");
    Rewarm next;
    ASSERT_TRUE(next.begin(service)) << "the visit that was under way is nobody's any more";
    ASSERT_TRUE(service.run_until([&] { return next.outcome.has_value(); }));
    EXPECT_EQ(next.outcome->result, "done");
}

TEST(Rewarming, SaysThatItFailedWhenTheWorkerDies)
{
    Service service;
    service.start();
    service.fault("die-at-visit-once");
    Rewarm rewarm;
    ASSERT_TRUE(rewarm.begin(service));

    ASSERT_TRUE(service.run_until([&] { return rewarm.outcome.has_value(); }));

    EXPECT_EQ(rewarm.outcome->result, "failed");
    auto& answer = service.submit({{101, 7, 102}});
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));
    EXPECT_TRUE(answer.result->has_value());
}

TEST(Rewarming, IsRefusedWhereNothingServes)
{
    Service service;
    Rewarm rewarm;

    EXPECT_EQ(rewarm.begin(service).error().type, ipc::ErrorType::not_ready);
    EXPECT_FALSE(service.engine->rewarm_plan({}));
}

TEST(Rewarming, SaysBeforehandWhatItWouldDo)
{
    Service service;
    service.start();

    const auto plan = service.engine->rewarm_plan({});

    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->dry_run);
    EXPECT_THAT(plan->replicas, testing::ElementsAre(0));
    EXPECT_GT(plan->cells, fake::rungs(0).size());
    EXPECT_GT(plan->estimate_us.value_or(0), 0U);
}

} // namespace
} // namespace embedd::daemon
