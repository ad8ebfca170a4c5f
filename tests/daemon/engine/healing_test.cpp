#include "tests/daemon/engine/engine_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <random>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

// A fault that strikes once: clients see nothing but the time it takes.
class HealedFault : public testing::TestWithParam<const char*> {};

TEST_P(HealedFault, IsNotSeenByClients)
{
    Service service;
    service.start();

    service.fault(GetParam());
    auto& answer = service.submit({{101, 7, 102}, {101, 8, 9, 102}});
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));

    ASSERT_TRUE(answer.result->has_value()) << answer.result->error().message;
    EXPECT_EQ(answer.result->value().rows, expected_rows(answer.inputs));
    EXPECT_EQ(service.engine->counters().restarts, 1U);
    EXPECT_GE(service.engine->counters().retries, 1U);
}

INSTANTIATE_TEST_SUITE_P(OfAWorker, HealedFault, testing::Values("die-once", "nan-once", "confuse-batch"));

TEST(Healing, AWorkerThatHangsIsKilledAndItsBatchComputedAgain)
{
    auto options = patient();
    options.pace.beat_limit = 4s;
    Service service(options);
    service.start();

    service.fault("hang");
    auto& answer = service.submit({{101, 7, 102}});
    ASSERT_TRUE(service.run_until([&] { return service.engine->replicas(Clock::now())[0].state == "dead"; }));
    service.no_fault("hang");
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));

    ASSERT_TRUE(answer.result->has_value()) << answer.result->error().message;
    EXPECT_EQ(answer.result->value().rows, expected_rows(answer.inputs));
}

TEST(Healing, AWorkerThatSendsNoFramesIsReplaced)
{
    Service service;
    service.start();

    service.fault("garbage");
    ASSERT_TRUE(service.run_until([&] {
        service.engine->prove(0ms, [](bool) {});
        return service.engine->replicas(Clock::now())[0].state == "dead";
    }));
    service.no_fault("garbage");
    auto& answer = service.submit({{101, 7, 102}});
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));

    EXPECT_TRUE(answer.result->has_value());
}

TEST(Healing, APoisonRequestIsAnsweredInternalAndTakesNobodyWithIt)
{
    auto options = patient();
    options.workers.resize(2);
    Service service(options);
    service.start();

    service.fault("poison-666");
    service.fault("hold-batch");
    std::vector<Service::Answer*> innocent;
    (void)service.submit({{101, 1, 102}}); // keeps a lane, so that the next ones share batches
    auto& poison = service.submit({{101, 666, 102}});
    for (std::int32_t i = 0; i < 20; ++i)
        innocent.push_back(&service.submit({{101, 700 + i, 102}}));
    service.no_fault("hold-batch");
    ASSERT_TRUE(service.run_until([&] { return service.all_answered(); }));

    ASSERT_TRUE(poison.result->has_error());
    EXPECT_EQ(poison.result->error().type, ipc::ErrorType::internal);
    EXPECT_THAT(poison.result->error().message, testing::HasSubstr("after 2 attempts"));
    for (const auto* answer : innocent) {
        ASSERT_TRUE(answer->result->has_value()) << answer->result->error().message;
        EXPECT_EQ(answer->result->value().rows, expected_rows(answer->inputs));
    }
}

TEST(Healing, OutOfMemoryIsComputedInHalvesAndLowersTheBudget)
{
    Service service;
    service.start();

    service.fault("oom-above-100");
    std::vector<ipc::TokenIds> inputs;
    for (std::int32_t i = 1; i <= 30; ++i)
        inputs.push_back(ipc::TokenIds(10, i));
    auto& many = service.submit(inputs);
    auto& large = service.submit({ipc::TokenIds(120, 5)});
    ASSERT_TRUE(service.run_until([&] { return service.all_answered(); }));

    ASSERT_TRUE(many.result->has_value()) << many.result->error().message;
    EXPECT_EQ(many.result->value().rows, expected_rows(inputs));
    EXPECT_EQ(large.result->error().type, ipc::ErrorType::insufficient_memory);
    EXPECT_LE(service.engine->batch().max_tokens, 150U);
}

TEST(Healing, EveryAnswerBelongsToItsTextWhileWorkersAreKilled)
{
    auto options = patient();
    options.workers.resize(2);
    options.warm_up.max_batch_tokens = 128;
    Service service(options);
    service.start();
    std::mt19937 random(42);
    std::vector<Service::Answer*> answers;

    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 100; ++i) {
            std::vector<ipc::TokenIds> inputs(1 + random() % 4);
            for (auto& ids : inputs) {
                ids.resize(1 + random() % 60);
                for (auto& id : ids)
                    id = static_cast<std::int32_t>(random() % 30'000);
            }
            answers.push_back(&service.submit(std::move(inputs)));
        }
        const auto victim = service.engine->replicas(Clock::now())[random() % 2];
        if (victim.pid)
            ::kill(static_cast<pid_t>(*victim.pid), SIGKILL);
        ASSERT_TRUE(service.run_until([&] { return service.all_answered(); }));
    }

    for (const auto* answer : answers) {
        ASSERT_TRUE(answer->result->has_value()) << answer->result->error().message;
        EXPECT_EQ(answer->result->value().rows, expected_rows(answer->inputs));
    }
    EXPECT_TRUE(service.run_until([&] { return !service.degraded; }));
}

TEST(Healing, AModelFaultAtTheFirstBringUpEndsTheService)
{
    Service service;
    service.fault("bad-model");

    service.engine->start();
    ASSERT_TRUE(service.run_until([&] { return service.fatal.has_value(); }));

    EXPECT_EQ(service.fatal->code, ExitCode::configuration);
}

TEST(Healing, AWorkerThatNeverLoadsIsGivenUp)
{
    Service service;
    service.fault("exit-before-loaded");

    service.engine->start();
    ASSERT_TRUE(service.run_until([&] { return service.fatal.has_value(); }));

    EXPECT_EQ(service.fatal->code, ExitCode::replicas_lost);
}

} // namespace
} // namespace embedd::daemon
