#include "model/worker/dummy_batch.hpp"

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

TEST(DummyBatch, OfAnEvenShapeHoldsInputsOfTheLongestLength)
{
    const auto batch = dummy_batch({.rows = 600, .longest = 256, .vocabulary = 30522});

    EXPECT_THAT(batch.ids, SizeIs(600));
    EXPECT_THAT(batch.offsets, ElementsAre(0, 256, 512, 600));
}

TEST(DummyBatch, OfAnUnevenShapeTakesEveryLengthBeforeOneComesAgain)
{
    const auto batch = dummy_batch({.rows = 108, .longest = 16, .uneven = true, .vocabulary = 30522});

    std::vector<std::int32_t> lengths(batch.offsets.size());
    std::adjacent_difference(batch.offsets.begin(), batch.offsets.end(), lengths.begin());
    lengths.erase(lengths.begin());
    std::ranges::sort(lengths);
    EXPECT_THAT(lengths, ElementsAre(8, 9, 10, 11, 12, 13, 14, 15, 16));
}

TEST(DummyBatch, HoldsIdsOfTheVocabularyAlone)
{
    EXPECT_THAT(dummy_batch({.rows = 5000, .longest = 16, .uneven = true, .vocabulary = 100}).ids,
                Each(Lt(100)));
    EXPECT_THAT(dummy_batch({.rows = 5000, .longest = 512, .vocabulary = 100}).ids, Each(Ge(0)));
}

} // namespace
} // namespace embedd::model
