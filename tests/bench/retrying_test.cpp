#include "bench/retrying.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

using namespace std::chrono_literals;
using ipc::ErrorType;
using ipc::LinkFault;

constexpr Retrying::Clock::time_point now{};

ipc::CallFailure refusal(ErrorType type, std::optional<std::uint64_t> retry_after_ms = {})
{
    return {.link = {}, .error = {type, "no", retry_after_ms}};
}

ipc::CallFailure broken(LinkFault fault)
{
    return {.link = fault, .error = {ErrorType::internal, "gone", {}}};
}

TEST(Retrying, GoesToTheSuccessorOfADaemonThatLeft)
{
    Retrying retrying{now + 1min};

    const auto after_hang_up = retrying.after(broken(LinkFault::closed), now);
    const auto after_refused_connection = retrying.after(broken(LinkFault::unreachable), now);
    const auto after_draining = retrying.after(refusal(ErrorType::draining, 1000), now);

    EXPECT_EQ(after_hang_up->cause, RetryCause::broken);
    EXPECT_EQ(after_refused_connection->cause, RetryCause::broken);
    EXPECT_EQ(after_draining->cause, RetryCause::draining);
    EXPECT_TRUE(after_hang_up->afresh && after_draining->afresh);
}

TEST(Retrying, ComesBackToAFullQueueWhenItWasToldTo)
{
    Retrying retrying{now + 1min};

    const auto retry = retrying.after(refusal(ErrorType::overloaded, 730), now);

    EXPECT_EQ(retry->cause, RetryCause::overloaded);
    EXPECT_EQ(retry->pause, 730ms);
    EXPECT_FALSE(retry->afresh);
}

TEST(Retrying, WaitsLongerEachTimeWhereNobodySaysHowLong)
{
    Retrying retrying{now + 1min};
    std::vector<std::chrono::milliseconds> pauses;
    for (int i = 0; i < 7; ++i)
        pauses.push_back(retrying.after(refusal(ErrorType::not_ready), now)->pause);

    EXPECT_THAT(pauses, testing::ElementsAre(10ms, 20ms, 40ms, 80ms, 160ms, 200ms, 200ms));
}

TEST(Retrying, EndsBeforeTheDeadline)
{
    Retrying retrying{now + 1s};

    EXPECT_TRUE(retrying.after(refusal(ErrorType::overloaded, 999), now));
    EXPECT_FALSE(retrying.after(refusal(ErrorType::overloaded, 1000), now));
}

TEST(Retrying, DoesNotRepeatWhatWillBeRefusedAgain)
{
    Retrying retrying{now + 1min};

    for (const auto type : {ErrorType::bad_request, ErrorType::too_large, ErrorType::input_too_long,
                            ErrorType::unsupported, ErrorType::deadline_exceeded, ErrorType::forbidden,
                            ErrorType::insufficient_memory, ErrorType::internal})
        EXPECT_FALSE(retrying.after(refusal(type), now)) << to_string(type);
    EXPECT_FALSE(retrying.after(broken(LinkFault::malformed), now));
    EXPECT_FALSE(retrying.after(broken(LinkFault::timed_out), now));
}

} // namespace
} // namespace embedd::bench
