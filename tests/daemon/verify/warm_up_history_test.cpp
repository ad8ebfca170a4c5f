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

ipc::WarmUpRecord start(std::uint64_t to_ready_us, const std::string& fingerprint = "a")
{
    return {.model = "mini", .fingerprint = fingerprint, .dtype = "float32", .to_ready_us = to_ready_us};
}

ipc::ModelStatus model(const std::string& fingerprint)
{
    ipc::ModelStatus status;
    status.fingerprint = fingerprint;
    status.dtype = "float32";
    return status;
}

TEST_F(History, RemembersHowLongPhasesTook)
{
    WarmUpHistory first{directory_};
    for (const auto took : {400U, 500U}) {
        auto record = start(1000);
        record.phases_us = {{"weights.read", took}};
        EXPECT_EQ(first.add(record), std::nullopt);
    }

    const WarmUpHistory next{directory_};

    EXPECT_EQ(next.last_time("weights.read"), microseconds{500});
    EXPECT_EQ(next.last_time("tokenizer"), std::nullopt);
}

TEST_F(History, KeepsWholeReports)
{
    auto record = start(1000);
    record.report.ratio = 1.05;
    record.report.cells = {{.stage = "verify", .task = "embed", .rows = 64, .length = 60, .first_us = 7}};
    EXPECT_EQ(WarmUpHistory{directory_}.add(record), std::nullopt);

    const WarmUpHistory next{directory_};

    ASSERT_EQ(next.records().size(), 1U);
    EXPECT_EQ(next.records().front(), record);
    ASSERT_NE(next.last_start("mini", "float32"), nullptr);
    EXPECT_EQ(next.last_start("mini", "bfloat16"), nullptr);
}

TEST_F(History, KnowsTheUsualTimeOfAModelAfterThreeStarts)
{
    WarmUpHistory history{directory_};
    for (const auto took : {900U, 5000U, 1000U}) {
        EXPECT_EQ(history.usual_time(model("a")), std::nullopt);
        EXPECT_EQ(history.add(start(took)), std::nullopt);
    }

    EXPECT_EQ(history.usual_time(model("a")), microseconds{1000});
    EXPECT_EQ(history.usual_time(model("b")), std::nullopt);
}

TEST_F(History, TakesNoReWarmForAStart)
{
    WarmUpHistory history{directory_};
    auto record = start(1000);
    record.kind = "rewarm";
    record.to_ready_us.reset();
    for (int time = 0; time < 5; ++time)
        EXPECT_EQ(history.add(record), std::nullopt);

    EXPECT_EQ(history.usual_time(model("a")), std::nullopt);
    EXPECT_EQ(history.last_start("mini", "float32"), nullptr);
}

TEST_F(History, KeepsTheLastHundred)
{
    WarmUpHistory history{directory_};
    for (std::uint64_t time = 0; time < 105; ++time)
        EXPECT_EQ(history.add(start(time)), std::nullopt);

    const WarmUpHistory next{directory_};

    ASSERT_EQ(next.records().size(), 100U);
    EXPECT_EQ(next.records().front().to_ready_us, 5U);
}

TEST_F(History, LeavesOutWhatItCannotRead)
{
    EXPECT_EQ(WarmUpHistory{directory_}.add(start(7)), std::nullopt);
    std::ofstream{directory_ + "/warmups.jsonl", std::ios::app}
        << "{\"to_rea\nnonsense\n[]\n{\"report\": 5}\n{\"report\": {\"cells\": {}}}\n";
    std::ofstream{directory_ + "/cold_shapes.jsonl"}
        << "{\"task\": \"embed\", \"rows\": 64, \"length\": 60}\n{\"rows\": -1}\n\xff\n7\n";

    const WarmUpHistory history{directory_};

    ASSERT_EQ(history.records().size(), 1U);
    EXPECT_EQ(history.records().front().to_ready_us, 7U);
    EXPECT_EQ(history.learned(), (std::set<Shape>{{"embed", 64, 60}}));
}

TEST_F(History, KeepsTheShapesThatWereCold)
{
    WarmUpHistory history{directory_};
    EXPECT_EQ(history.learn({"embed", 64, 60}), std::nullopt);
    EXPECT_EQ(history.learn({"embed", 64, 60}), std::nullopt);
    EXPECT_EQ(history.learn({"embed", 8, 5}), std::nullopt);

    const WarmUpHistory next{directory_};

    EXPECT_EQ(next.learned(), (std::set<Shape>{{"embed", 8, 5}, {"embed", 64, 60}}));
}

TEST_F(History, ForgetsThemOnceAPlanHasVisitedThem)
{
    WarmUpHistory history{directory_};
    EXPECT_EQ(history.learn({"embed", 64, 60}), std::nullopt);
    EXPECT_EQ(history.forget_learned(), std::nullopt);

    EXPECT_TRUE(history.learned().empty());
    EXPECT_TRUE(WarmUpHistory{directory_}.learned().empty());
}

TEST_F(History, LearnsSoManyShapesAndNoMore)
{
    WarmUpHistory history{directory_};
    for (std::uint64_t rows = 1; rows <= 1000; ++rows)
        EXPECT_EQ(history.learn({"embed", rows, 1}), std::nullopt);

    EXPECT_EQ(WarmUpHistory{directory_}.learned().size(), WarmUpHistory::shapes_kept);
}

// A full disk says so when it is written to.
TEST_F(History, SaysThatTheDiskIsFull)
{
    std::filesystem::create_symlink("/dev/full", directory_ + "/warmups.jsonl.new");
    std::filesystem::create_symlink("/dev/full", directory_ + "/cold_shapes.jsonl.new");
    WarmUpHistory history{directory_};

    EXPECT_NE(history.add(start(1)).value_or("").find("warmups.jsonl"), std::string::npos);
    EXPECT_EQ(history.records().size(), 1U) << "this life remembers it";
    EXPECT_NE(history.learn({"embed", 8, 5}).value_or("").find("No space left"), std::string::npos);
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
