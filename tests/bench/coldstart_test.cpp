#include "bench/coldstart.hpp"

#include "bench/own_daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

namespace embedd::bench {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

class MeasuredColdstart : public testing::Test {
protected:
    MeasuredColdstart() { std::ofstream{model_.path() / "config.json"} << R"({"vocab_size": 100})"; }

    [[nodiscard]] ColdstartOptions options() const
    {
        return {.daemon = FAKE_EMBEDD,
                .worker = FAKE_BARE_LOOP,
                .arguments = {"--model", model_.path()},
                .runs = 2,
                .requests = 20};
    }

    std::vector<std::string> steps_;
    ColdstartProgress note_ = [this](const std::string& step) { steps_.push_back(step); };

private:
    PrivateDirectory model_;
};

TEST_F(MeasuredColdstart, StartsEachVariantInTurnsWithLengthsAndShapesApart)
{
    const auto variants = measure_coldstart(options(), note_);

    EXPECT_THAT(steps_, ElementsAre("a start that is not measured",                                    //
                                    "default, start 1 of 2, lengths", "default, start 1 of 2, shapes", //
                                    "unwarmed, start 1 of 2, lengths", "unwarmed, start 1 of 2, shapes",
                                    "bare, start 1 of 2, lengths", "bare, start 1 of 2, shapes",
                                    "default, start 2 of 2, lengths", "default, start 2 of 2, shapes",
                                    "unwarmed, start 2 of 2, lengths", "unwarmed, start 2 of 2, shapes",
                                    "bare, start 2 of 2, lengths", "bare, start 2 of 2, shapes"));
    ASSERT_THAT(variants, SizeIs(3));
    for (const auto& times : variants) {
        EXPECT_THAT(times.to_ready, SizeIs(4));
        EXPECT_THAT(times.lengths, Each(SizeIs(8))); // a model of 64 tokens has no more rungs
        EXPECT_EQ(times.shapes.at(1).first.count(), 20U);
    }
}

TEST_F(MeasuredColdstart, SendsNothingElseInAStartThatMeasuresLengths)
{
    auto asked = options();
    asked.variants = {Variant::unwarmed};

    const auto variants = measure_coldstart(asked, note_);

    const auto& ends = variants.at(0).ends;
    EXPECT_EQ(ends.at(0).cold_hits, 8U * 5 * 2);
    EXPECT_THAT(ends.at(1).cold_hits, Ge(20U));
}

TEST_F(MeasuredColdstart, LeavesWarmUpOutOnlyWhereAsked)
{
    const auto variants = measure_coldstart(options(), note_);

    EXPECT_FALSE(variants.at(0).ends.at(0).cold_start);
    EXPECT_EQ(variants.at(1).ends.at(0).cold_start->shapes, 3U);
    EXPECT_THAT(variants.at(2).ends, SizeIs(0));
}

TEST_F(MeasuredColdstart, ThatFindsNoDaemonNamesIt)
{
    auto asked = options();
    asked.daemon = "/nowhere/embedd";

    EXPECT_THAT([&] { static_cast<void>(measure_coldstart(asked, note_)); },
                ThrowsMessage<std::runtime_error>(HasSubstr("cannot start /nowhere/embedd")));
}

} // namespace
} // namespace embedd::bench
