#include "daemon/warm_up_history.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>

namespace embedd::daemon {
namespace {

using std::chrono::microseconds;

class History : public ::testing::Test {
protected:
    History() { EXPECT_NE(::mkdtemp(directory_.data()), nullptr); }
    ~History() override { std::filesystem::remove_all(directory_); }

    std::string directory_ = "/tmp/embedd-XXXXXX";
};

TEST_F(History, RemembersHowLongPhasesTook)
{
    WarmUpHistory first{directory_};
    EXPECT_EQ(first.add({.to_ready = microseconds{1000}, .phases_us = {{"weights.read", 400}}, .model = "a"}),
              std::nullopt);
    EXPECT_EQ(first.add({.to_ready = microseconds{1100}, .phases_us = {{"weights.read", 500}}, .model = "a"}),
              std::nullopt);

    const WarmUpHistory next{directory_};

    EXPECT_EQ(next.last_time("weights.read"), microseconds{500});
    EXPECT_EQ(next.last_time("tokenizer"), std::nullopt);
}

TEST_F(History, KnowsTheUsualTimeOfAModelAfterThreeStarts)
{
    WarmUpHistory history{directory_};
    for (const auto took : {900, 5000, 1000}) {
        EXPECT_EQ(history.usual_time("a"), std::nullopt);
        EXPECT_EQ(history.add({.to_ready = microseconds{took}, .phases_us = {}, .model = "a"}), std::nullopt);
    }

    EXPECT_EQ(history.usual_time("a"), microseconds{1000});
    EXPECT_EQ(history.usual_time("b"), std::nullopt);
}

TEST_F(History, KeepsTheLastHundred)
{
    WarmUpHistory history{directory_};
    for (int start = 0; start < 105; ++start)
        EXPECT_EQ(history.add({.to_ready = microseconds{start}, .phases_us = {}, .model = "a"}),
                  std::nullopt);

    const WarmUpHistory next{directory_};

    ASSERT_EQ(next.starts().size(), 100U);
    EXPECT_EQ(next.starts().front().to_ready, microseconds{5});
}

TEST_F(History, LeavesOutWhatItCannotRead)
{
    std::ofstream{directory_ + "/warmups.jsonl"} << "{\"to_ready_us\": 7, \"model\": \"a\", \"phases_us\": "
                                                    "{}}\n{\"to_rea\nnonsense\n{\"to_ready_us\": -1}\n";

    const WarmUpHistory history{directory_};

    ASSERT_EQ(history.starts().size(), 1U);
    EXPECT_EQ(history.starts().front().to_ready, microseconds{7});
}

TEST_F(History, SaysWhyItCannotBeKept)
{
    WarmUpHistory history{directory_ + "/missing"};

    EXPECT_NE(history.add({}).value_or("").find("missing"), std::string::npos);
}

TEST(NoHistory, WithoutADirectoryNothingIsKept)
{
    WarmUpHistory history{{}};

    EXPECT_EQ(history.add({}), std::nullopt);
}

} // namespace
} // namespace embedd::daemon
