#include "model/worker/plan.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

namespace embedd::model {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Lt;
using testing::SizeIs;

TEST(LongInputs, FillTheRowsWithInputsOfTheLongestLength)
{
    const auto batch = long_inputs(600, 256, 30522);

    EXPECT_THAT(batch.ids, SizeIs(600));
    EXPECT_THAT(batch.offsets, ElementsAre(0, 256, 512, 600));
}

TEST(ShortInputs, TakeEveryLengthFrom8To16BeforeOneComesAgain)
{
    const auto batch = short_inputs(108, 30522);

    std::vector<std::int32_t> lengths(batch.offsets.size());
    std::adjacent_difference(batch.offsets.begin(), batch.offsets.end(), lengths.begin());
    lengths.erase(lengths.begin());
    std::ranges::sort(lengths);
    EXPECT_THAT(lengths, ElementsAre(8, 9, 10, 11, 12, 13, 14, 15, 16));
}

TEST(DummyBatches, HoldIdsOfTheVocabularyAlone)
{
    EXPECT_THAT(short_inputs(5000, 100).ids, Each(Lt(100)));
    EXPECT_THAT(long_inputs(5000, 512, 100).ids, Each(Ge(0)));
}

TEST(Anchors, GoFromTheFirstRungToTheLastInAboutEightSteps)
{
    const std::vector<std::int64_t> rungs{8,   16,  24,  32,  40,  48,  56,  64,  80,  96,
                                          112, 128, 144, 160, 176, 192, 208, 224, 240, 256};

    EXPECT_THAT(anchors_of(rungs), ElementsAre(8, 16, 24, 40, 64, 96, 160, 256));
}

TEST(Anchors, AreTheOnlyRungWhereThereIsOne)
{
    EXPECT_THAT(anchors_of(std::vector<std::int64_t>{8}), ElementsAre(8));
}

TEST(Primitives, AreCountedForTheWholeLadder)
{
    EXPECT_EQ(primitives_needed(60), 480U);
}

} // namespace
} // namespace embedd::model
