#include "tests/daemon/engine/engine_fixture.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

TEST(Serving, NothingIsComputedBeforeTheReplicaIsWarm)
{
    Service service;
    service.fault("log");
    service.fault("hold-warmup");
    service.engine->start();
    auto& answer = service.submit({{101, 7, 102}});
    ASSERT_TRUE(service.run_until([&] { return service.loaded; }));
    EXPECT_EQ(service.log(), "");

    service.no_fault("hold-warmup");
    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));

    EXPECT_TRUE(service.warmed.has_value());
    EXPECT_TRUE(answer.result->has_value());
}

TEST(Serving, WithoutWarmUpItServesAsSoonAsItLoaded)
{
    auto options = patient();
    options.warmup = false;
    Service service(options);
    service.fault("hold-warmup");
    service.engine->start();
    auto& answer = service.submit({{101, 7, 102}});

    ASSERT_TRUE(service.run_until([&] { return answer.result.has_value(); }));

    EXPECT_TRUE(answer.result->has_value());
}

TEST(Serving, WhatWaitsPastItsDeadlineIsNeverComputed)
{
    Service service;
    service.fault("log");
    service.fault("hold-warmup");
    service.engine->start();
    auto& late = service.submit({{101, 7, 102}}, Clock::now() + 10ms);
    ASSERT_TRUE(service.run_until([&] { return late.result.has_value(); }));
    service.no_fault("hold-warmup");
    ASSERT_TRUE(service.run_until([&] { return service.warmed.has_value(); }));

    EXPECT_EQ(late.result->error().type, ipc::ErrorType::deadline_exceeded);
    EXPECT_EQ(service.log(), "");
}

TEST(Serving, AFullQueueAnswersOverloadedAndWhenToComeBack)
{
    auto options = patient();
    options.max_queue_tokens = 10;
    Service service(options);
    (void)service.submit({ipc::TokenIds(8, 1)});
    auto& refused = service.submit({ipc::TokenIds(8, 1)});
    EXPECT_FALSE(refused.result);

    ASSERT_TRUE(service.run_until([&] { return refused.result.has_value(); }));

    EXPECT_EQ(refused.result->error().type, ipc::ErrorType::overloaded);
    EXPECT_TRUE(refused.result->error().retry_after_ms);
}

TEST(Serving, ACancelledJobIsNeverAnswered)
{
    Service service;
    auto& cancelled = service.submit({{101, 7, 102}});
    EXPECT_TRUE(service.engine->cancel(cancelled.id));
    EXPECT_FALSE(service.engine->cancel(cancelled.id));
    service.start();
    auto& other = service.submit({{101, 8, 102}});

    ASSERT_TRUE(service.run_until([&] { return other.result.has_value(); }));

    EXPECT_FALSE(cancelled.result);
    EXPECT_TRUE(service.engine->idle());
}

TEST(Serving, StoppingAnswersWhatWaitsAndEndsTheWorkers)
{
    Service service;
    service.start();
    service.engine->stop();
    auto& refused = service.submit({{101, 7, 102}});

    ASSERT_TRUE(service.run_until(
        [&] { return refused.result && service.engine->replicas(Clock::now())[0].state == "dead"; }));

    EXPECT_EQ(refused.result->error().type, ipc::ErrorType::draining);
}

TEST(Serving, IsProvenByABatchOfItsOwn)
{
    Service service;
    std::optional<bool> cold, warm;
    service.engine->prove(0ms, [&](bool serving) { cold = serving; });
    ASSERT_TRUE(service.run_until([&] { return cold.has_value(); }));
    service.start();
    service.engine->prove(0ms, [&](bool serving) { warm = serving; });
    ASSERT_TRUE(service.run_until([&] { return warm.has_value(); }));

    EXPECT_FALSE(*cold);
    EXPECT_TRUE(*warm);
}

} // namespace
} // namespace embedd::daemon
