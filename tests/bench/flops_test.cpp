#include "bench/flops.hpp"

#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

TEST(Flops, CountTwoOperationsForEachMultiplyAddOfTheLinearLayers)
{
    const EncoderShape tiny{.layers = 1, .hidden = 2, .intermediate = 8};

    // Four 2x2 and two 2x8 products for one token: 16 + 32 multiply-adds.
    EXPECT_EQ(forward_flops(tiny, 1, 0), 2 * 48);
}

TEST(Flops, CountAttentionByTheSquareOfEachLength)
{
    const EncoderShape tiny{.layers = 3, .hidden = 2, .intermediate = 0};

    // One text of 4 tokens: 4 x 4 scores and as many weighted sums, 2 wide, in each layer.
    EXPECT_EQ(forward_flops(tiny, 0, 16), 3 * 4 * 2 * 16);
}

TEST(Flops, OfMiniLmAreTwentyOneMillionATokenWithoutAttention)
{
    const EncoderShape mini_lm{.layers = 6, .hidden = 384, .intermediate = 1536};

    EXPECT_DOUBLE_EQ(forward_flops(mini_lm, 1, 0), 21'233'664);
}

} // namespace
} // namespace embedd::bench
