#include "model/cuda/staging.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <vector>

namespace embedd::model {
namespace {

using testing::ElementsAre;
using Numbers = std::vector<std::int32_t>;

Numbers numbers_of(const at::Tensor& tensor)
{
    const auto* first = tensor.const_data_ptr<std::int32_t>();
    return {first, first + tensor.numel()};
}

const Numbers ids{5, 6, 7, 8, 9}, type_ids{0, 1, 0, 0, 1}, offsets{0, 2, 5};
const PackedBatch batch{ids, offsets, type_ids};

TEST(Staging, SendsABatchAsItIs)
{
    Staging staging(64, at::kCPU);

    const auto sent = staging.send(batch, {.rows = 5, .inputs = 2, .longest = 3}, nullptr);

    EXPECT_EQ(numbers_of(sent.ids), ids);
    EXPECT_THAT(numbers_of(sent.places), ElementsAre(0, 1, 0, 1, 2));
    EXPECT_EQ(numbers_of(sent.type_ids), type_ids);
    EXPECT_THAT(numbers_of(sent.inputs), ElementsAre(0, 0, 1, 1, 1));
    EXPECT_EQ(numbers_of(sent.offsets), offsets);
    EXPECT_EQ(sent.longest, 3);
    EXPECT_EQ(sent.rows(), 5);
    EXPECT_EQ(sent.count(), 2);
}

// Of a graph that has room for more: ids that every table has, rows of no input, inputs without rows.
TEST(Staging, FillsWhatTheBatchLeavesOfItsShape)
{
    Staging staging(64, at::kCPU);

    const auto sent = staging.send(batch, {.rows = 8, .inputs = 4, .longest = 8}, nullptr);

    EXPECT_THAT(numbers_of(sent.ids), ElementsAre(5, 6, 7, 8, 9, 0, 0, 0));
    EXPECT_THAT(numbers_of(sent.places), ElementsAre(0, 1, 0, 1, 2, 0, 0, 0));
    EXPECT_THAT(numbers_of(sent.type_ids), ElementsAre(0, 1, 0, 0, 1, 0, 0, 0));
    EXPECT_THAT(numbers_of(sent.inputs), ElementsAre(0, 0, 1, 1, 1, 4, 4, 4));
    EXPECT_THAT(numbers_of(sent.offsets), ElementsAre(0, 2, 5, 5, 5));
    EXPECT_EQ(sent.count(), 4);
}

TEST(Staging, TakesTypesThatAreLeftOutAsTheFirst)
{
    Staging staging(64, at::kCPU);
    (void)staging.send(batch, {.rows = 5, .inputs = 2, .longest = 3}, nullptr);

    const auto sent = staging.send({ids, offsets, {}}, {.rows = 6, .inputs = 2, .longest = 3}, nullptr);

    EXPECT_THAT(numbers_of(sent.type_ids), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(Staging, SendsABatchWithoutTokensForWhatOnlyHasToRun)
{
    Staging staging(64, at::kCPU);
    (void)staging.send(batch, {.rows = 5, .inputs = 2, .longest = 3}, nullptr);

    const auto sent = staging.send_empty({.rows = 4, .inputs = 3, .longest = 4}, nullptr);

    EXPECT_THAT(numbers_of(sent.ids), ElementsAre(0, 0, 0, 0));
    EXPECT_THAT(numbers_of(sent.inputs), ElementsAre(3, 3, 3, 3));
    EXPECT_THAT(numbers_of(sent.offsets), ElementsAre(0, 0, 0, 0));
}

// A captured graph reads at the addresses of its shape.
TEST(Staging, PutsBatchesOfOneShapeInOnePlace)
{
    Staging staging(64, at::kCPU);
    const StagedShape shape{.rows = 8, .inputs = 4, .longest = 8};

    const auto first = staging.send_empty(shape, nullptr);
    const auto second = staging.send(batch, shape, nullptr);

    EXPECT_EQ(first.ids.const_data_ptr(), second.ids.const_data_ptr());
    EXPECT_EQ(first.offsets.const_data_ptr(), second.offsets.const_data_ptr());
}

TEST(Staging, HasRoomForAsManyInputsAsRows)
{
    Staging staging(4, at::kCPU);
    const Numbers ones{1, 2, 3, 4}, bounds{0, 1, 2, 3, 4};

    const auto sent = staging.send({ones, bounds, {}}, {.rows = 4, .inputs = 4, .longest = 1}, nullptr);

    EXPECT_EQ(numbers_of(sent.offsets), bounds);
}

} // namespace
} // namespace embedd::model
