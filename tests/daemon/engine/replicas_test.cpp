#include "tests/daemon/engine/engine_fixture.hpp"

#include <gmock/gmock.h>

#include <signal.h>

#include <algorithm>
#include <sstream>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

EngineOptions replicas(std::size_t count)
{
    auto options = patient();
    options.workers.resize(count);
    return options;
}

std::vector<ipc::ReplicaStatus> states(const Service& service)
{
    return service.engine->replicas(Clock::now());
}

bool all_serve(const Service& service)
{
    return std::ranges::all_of(states(service), [](const auto& replica) { return replica.state == "ready"; });
}

void kill(const Service& service, std::size_t replica)
{
    ::kill(static_cast<pid_t>(states(service).at(replica).pid.value_or(0)), SIGKILL);
}

// The processes that took what a log tells of, a line each.
std::vector<std::string> takers(const Service& service, const std::string& log)
{
    std::istringstream lines(service.log(log));
    std::vector<std::string> pids;
    for (std::string line; std::getline(lines, line);)
        pids.push_back(line.substr(line.find("pid=")));
    return pids;
}

TEST(Replicas, TheFirstIsAloneInItsWarmUpAndTheOthersFollowOnceItServes)
{
    Service service(replicas(3));
    service.fault("visits");
    service.engine->start();
    ASSERT_TRUE(service.run_until([&] { return service.warmed.has_value(); }));
    const auto budget = service.engine->batch().max_tokens;
    ASSERT_TRUE(service.run_until([&] { return all_serve(service); }));

    const auto visits = takers(service, "visits");
    const auto others = std::ranges::find_if(visits, [&](const auto& pid) { return pid != visits.front(); });
    EXPECT_EQ(std::find(others, visits.end(), visits.front()), visits.end());
    EXPECT_GT(service.warmed->rungs.back().device_us, 0U);
    EXPECT_EQ(service.engine->batch().max_tokens, budget) << "what was measured in quiet stays";
}

TEST(Replicas, AnotherOneCalibratesWhereTheFirstDiesInItsWarmUp)
{
    auto options = replicas(2);
    options.pace.respawn.first = 10min; // nobody can wait for its successor
    Service service(options);
    service.fault("die-at-visit-once");
    service.start();

    EXPECT_EQ(service.engine->counters().restarts, 0U);
    EXPECT_GT(service.warmed->rungs.back().device_us, 0U);
}

TEST(Replicas, OneThatCannotComeBackLeavesTheOthersServing)
{
    auto options = replicas(3);
    options.pace.tries = 2;
    Service service(options);
    service.start();
    ASSERT_TRUE(service.run_until([&] { return all_serve(service); }));

    service.fault("exit-before-loaded");
    kill(service, 1);
    ASSERT_TRUE(service.run_until([&] { return states(service)[1].restarts > 2 * options.pace.tries; }));
    auto& answer = service.submit({{101, 7, 102}});
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));

    EXPECT_TRUE(answer.result->has_value());
    EXPECT_FALSE(service.fatal);
    EXPECT_EQ(service.degraded, "2 of 3 replicas serve; replica 1: exit status 1");

    service.no_fault("exit-before-loaded");
    ASSERT_TRUE(service.run_until([&] { return all_serve(service); }));
    EXPECT_FALSE(service.degraded);
}

TEST(Replicas, TheLastOneToDieIsTriedAgainHoweverOftenAnotherFailedBefore)
{
    auto options = replicas(2);
    options.pace.tries = 2;
    Service service(options);
    service.start();
    ASSERT_TRUE(service.run_until([&] { return all_serve(service); }));
    service.fault("exit-before-loaded");
    kill(service, 1);
    ASSERT_TRUE(service.run_until([&] { return states(service)[1].restarts > 2 * options.pace.tries; }));

    kill(service, 0);
    ASSERT_TRUE(service.run_until([&] { return states(service)[0].state == "dead"; }));
    service.no_fault("exit-before-loaded");

    EXPECT_TRUE(service.run_until([&] { return all_serve(service); }));
    EXPECT_FALSE(service.fatal);
}

TEST(Replicas, NoneThatCanBeKeptAliveEndsTheService)
{
    auto options = replicas(2);
    options.pace.tries = 3;
    Service service(options);
    service.start();
    ASSERT_TRUE(service.run_until([&] { return all_serve(service); }));

    service.fault("exit-before-loaded");
    kill(service, 0);
    kill(service, 1);
    ASSERT_TRUE(service.run_until([&] { return service.fatal.has_value(); }));

    EXPECT_EQ(service.fatal->code, ExitCode::replicas_lost);
    EXPECT_THAT(service.fatal->message, HasSubstr("6 failures in a row, the last: exit status 1"));
}

TEST(Replicas, AllThatNeverLoadEndTheServiceAfterSomeTriesOfEach)
{
    auto options = replicas(8);
    Service service(options);
    service.fault("exit-before-loaded");
    service.engine->start();
    ASSERT_TRUE(service.run_until([&] { return service.fatal.has_value(); }));

    EXPECT_EQ(service.fatal->code, ExitCode::replicas_lost);
    EXPECT_GE(service.engine->counters().restarts, 4 * options.pace.first_tries);
}

TEST(Replicas, TakeBatchesInTurnWhereTheOperatorWantsIt)
{
    auto options = replicas(2);
    options.load_balancing = LoadBalancing::round_robin;
    Service service(options);
    service.start();
    ASSERT_TRUE(service.run_until([&] { return all_serve(service); }));
    service.fault("log");

    for (int request = 0; request < 4; ++request) {
        auto& answer = service.submit({{101, 7, 102}});
        ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));
    }

    const auto pids = takers(service, "log");
    ASSERT_EQ(pids.size(), 4U);
    EXPECT_NE(pids[0], pids[1]);
    EXPECT_EQ(pids[0], pids[2]);
    EXPECT_EQ(pids[1], pids[3]);
}

TEST(Replicas, AreShownWithTheirDevices)
{
    auto options = replicas(2);
    options.workers[0].device = "cuda:0";
    options.workers[1].device = "cuda:1";
    const Service service(options);

    EXPECT_EQ(states(service)[0].device, "cuda:0");
    EXPECT_EQ(states(service)[1].device, "cuda:1");
}

} // namespace
} // namespace embedd::daemon
