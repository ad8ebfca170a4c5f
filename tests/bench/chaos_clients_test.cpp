#include "bench/chaos_clients.hpp"

#include "bench/let_pass.hpp"
#include "bench/own_daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

using testing::Contains;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using namespace std::chrono_literals;

class ChaosClientsOf : public testing::Test {
protected:
    // What four clients saw of a daemon that behaves so, once there were so many answers.
    [[nodiscard]] ChaosTally tally_of(const std::string& behaviour, std::uint64_t answers) const
    {
        const OwnDaemon daemon{{FAKE_EMBEDD, "--embed", behaviour}};
        ChaosClients clients{{.socket = daemon.socket(), .clients = 4}, expected_};
        const auto limit = std::chrono::steady_clock::now() + 60s;
        while (clients.answered() < answers && std::chrono::steady_clock::now() < limit)
            let_pass(5ms);
        return clients.finish();
    }

private:
    OwnDaemon right_{{FAKE_EMBEDD}};
    ExpectedVectors expected_{right_.socket(), {"one", "two", "three", "four", "five"}};
};

TEST_F(ChaosClientsOf, ADaemonThatDoesItsWorkHaveNothingToTell)
{
    const auto tally = tally_of("right", 40);

    EXPECT_THAT(tally.answered, Ge(40U));
    EXPECT_EQ(tally.requests, tally.answered);
    EXPECT_THAT(tally.retried, IsEmpty());
    EXPECT_EQ(tally.failed + tally.duplicates + tally.wrong, 0U);
}

TEST_F(ChaosClientsOf, ADaemonThatHangsUpComeBackUntilTheyAreAnswered)
{
    const auto tally = tally_of("left", 40);

    EXPECT_EQ(tally.requests, tally.answered);
    EXPECT_THAT(tally.retried, Contains(Key("broken connection")));
    EXPECT_EQ(tally.failed + tally.duplicates + tally.wrong, 0U);
}

TEST_F(ChaosClientsOf, ADaemonThatAnswersTwiceCountTheSecondAnswers)
{
    const auto tally = tally_of("twice", 40);

    EXPECT_THAT(tally.duplicates, Ge(36U)); // the last one of each client may go unread
    EXPECT_EQ(tally.failed + tally.wrong, 0U);
}

TEST_F(ChaosClientsOf, ADaemonThatGivesOthersVectorsFindThemWrong)
{
    const auto tally = tally_of("wrong", 40);

    EXPECT_EQ(tally.wrong, tally.answered);
    EXPECT_THAT(tally.first_wrong, HasSubstr("to its text's"));
}

TEST_F(ChaosClientsOf, ADaemonThatForgetsATextFindItsAnswersWrong)
{
    const auto tally = tally_of("fewer", 40);

    EXPECT_EQ(tally.wrong, tally.answered);
    EXPECT_THAT(tally.first_wrong, HasSubstr("vectors for"));
}

TEST_F(ChaosClientsOf, ADaemonThatRefusesForGoodFail)
{
    const auto tally = tally_of("internal", 0);

    EXPECT_THAT(tally.failed, Ge(4U));
    EXPECT_EQ(tally.failed, tally.requests);
    EXPECT_EQ(tally.first_failure, "as told");
}

TEST(Cosine, TellsDirectionsApartWhateverTheirLength)
{
    const std::vector<float> along{1, 1};
    const float twice[] = {2, 2}, across[] = {1, -1}, nothing[] = {0, 0};

    EXPECT_DOUBLE_EQ(cosine(along, twice, 2), 1);
    EXPECT_DOUBLE_EQ(cosine(along, across, 2), 0);
    EXPECT_DOUBLE_EQ(cosine(along, nothing, 2), 0);
    EXPECT_DOUBLE_EQ(cosine(along, twice, 1), 0);
}

} // namespace
} // namespace embedd::bench
