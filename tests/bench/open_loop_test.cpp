#include "bench/open_loop.hpp"

#include "bench/own_daemon.hpp"
#include "bench/process_memory.hpp"
#include "bench/traffic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

namespace embedd::bench {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

// 30 requests in a second to a daemon that behaves so.
OpenLoopResult sent_to(const std::string& behaviour, std::chrono::milliseconds timeout = 60s)
{
    const OwnDaemon daemon{{FAKE_EMBEDD, "--embed", behaviour}};
    return run_open_loop({.socket = daemon.socket(),
                          .requests = draw_requests(Texts{TextKind::short_, 1}, 4, 1),
                          .rate = 30,
                          .begin = std::chrono::steady_clock::now() + 50ms,
                          .time = 1s,
                          .connections = 2,
                          .timeout = timeout});
}

TEST(OpenLoop, SendsWhatIsDueAndWaitsForTheAnswers)
{
    const auto result = sent_to("right");

    EXPECT_EQ(result.due, 30U);
    EXPECT_THAT(result.sent, Gt(0U));
    EXPECT_EQ(result.in_time, result.sent);
    EXPECT_EQ(result.accepted(), result.sent);
    EXPECT_EQ(result.latency.count(), result.sent);
    EXPECT_THAT(result.other, IsEmpty());
}

TEST(OpenLoop, TellsWhatCameTooLateFromWhatCameInTime)
{
    const auto result = sent_to("right", 0ms);

    EXPECT_EQ(result.late, result.sent);
    EXPECT_EQ(result.in_time, 0U);
}

TEST(OpenLoop, DoesNotComeBackWhenItIsRefused)
{
    const auto result = sent_to("overloaded");

    EXPECT_EQ(result.overloaded, result.sent);
    EXPECT_EQ(result.overloaded_unhinted, 0U);
    EXPECT_EQ(result.accepted(), 0U);
    EXPECT_EQ(result.retry_after.max(), 10s);
}

TEST(OpenLoop, CountsRefusalsThatDoNotSayWhenToComeBack)
{
    const auto result = sent_to("overloaded-unhinted");

    EXPECT_EQ(result.overloaded, result.sent);
    EXPECT_EQ(result.overloaded_unhinted, result.sent);
}

TEST(OpenLoop, NamesEveryOtherEnd)
{
    const auto refused = sent_to("internal");
    const auto broken = sent_to("left");

    EXPECT_THAT(refused.other, ElementsAre(Pair("internal", refused.sent)));
    EXPECT_THAT(broken.other, ElementsAre(Pair("a broken connection", Gt(0U))));
    EXPECT_EQ(sent_to("deadline_exceeded").unanswered, 0U);
}

TEST(OpenLoop, ThatFindsNobodyIsAnError)
{
    const PrivateDirectory nobody;
    const OpenLoopOptions options{.socket = nobody.path() / "socket",
                                  .requests = draw_requests(Texts{TextKind::short_, 1}, 1, 1),
                                  .time = 10ms};

    EXPECT_THAT([&] { static_cast<void>(run_open_loop(options)); },
                ThrowsMessage<std::runtime_error>(HasSubstr("cannot be reached")));
}

TEST(ProcessMemory, IsReadFromTheKernel)
{
    const auto memory = memory_of(::getpid());

    EXPECT_THAT(memory.resident_bytes, Gt(1U << 20));
    EXPECT_THAT(memory.proportional_bytes, testing::AllOf(Gt(0U), testing::Le(memory.resident_bytes)));
}

TEST(ProcessMemory, OfNoProcessIsAnError)
{
    EXPECT_THAT([] { static_cast<void>(memory_of(0)); },
                ThrowsMessage<std::runtime_error>(HasSubstr("/proc/0/smaps_rollup")));
}

} // namespace
} // namespace embedd::bench
