#include "bench/traffic.hpp"

#include "bench/own_daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace embedd::bench {
namespace {

using testing::Each;
using testing::Field;
using testing::Ge;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Traffic of_two_texts_each(std::size_t connections, std::size_t in_flight)
{
    return {.requests = draw_requests(Texts{TextKind::short_, 1}, 8, 2),
            .connections = connections,
            .in_flight = in_flight};
}

TEST(Traffic, IsAnsweredOverAllItsConnectionsUntilItIsEnded)
{
    const OwnDaemon daemon{{FAKE_EMBEDD}};

    const auto result = run_traffic(daemon.socket(), of_two_texts_each(3, 2), 1s);

    EXPECT_THAT(result.answers, SizeIs(Ge(6U)));
    EXPECT_THAT(result.answers, Each(Field(&Answered::tokens, Ge(2U))));
    EXPECT_EQ(result.latency.count(), result.answers.size());
    EXPECT_EQ(result.failed, 0U);
}

TEST(Traffic, PausesAfterAnAnswerWhereItIsToldTo)
{
    const OwnDaemon daemon{{FAKE_EMBEDD}};
    auto patient = of_two_texts_each(1, 1);
    patient.pause = 1min;

    const auto result = run_traffic(daemon.socket(), patient, 1s);

    EXPECT_THAT(result.answers, SizeIs(1));
}

TEST(Traffic, CountsWhatIsRefusedAndComesBackWhenItMay)
{
    const OwnDaemon daemon{{FAKE_EMBEDD, "--embed", "overloaded"}};

    const auto result = run_traffic(daemon.socket(), of_two_texts_each(1, 1), 1s);

    EXPECT_THAT(result.answers, IsEmpty());
    EXPECT_EQ(result.failed, 1U); // ten seconds, it was told
    EXPECT_EQ(result.first_error, "as told");
    EXPECT_THAT([&] { static_cast<void>(all_answered(result)); },
                testing::ThrowsMessage<std::runtime_error>("1 requests failed, the first: as told"));
}

TEST(Traffic, ThatFindsNobodyFailsOnEachConnection)
{
    const PrivateDirectory nobody;

    const auto result = run_traffic(nobody.path() / "socket", of_two_texts_each(3, 1), 50ms);

    EXPECT_EQ(result.failed, 3U);
}

TEST(TokensWithin, AreThoseOfAnswersFromTheBeginningToBeforeTheEnd)
{
    const auto at = [](std::chrono::milliseconds time) { return Clock::time_point{time}; };
    const std::vector<Answered> answers{{at(0ms), 1}, {at(500ms), 20}, {at(2499ms), 300}, {at(2500ms), 4000}};

    EXPECT_EQ(tokens_within(answers, {at(500ms), at(2500ms)}), 320U);
    EXPECT_DOUBLE_EQ(tokens_per_second(answers, {at(500ms), at(2500ms)}), 160);
}

} // namespace
} // namespace embedd::bench
