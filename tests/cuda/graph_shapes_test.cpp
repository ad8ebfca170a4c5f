#include "model/cuda/graph_shapes.hpp"
#include "model/ladder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace embedd::model {
namespace {

constexpr std::int64_t longest_input = 512;

TEST(GraphShapes, OfAShortRungAreFew)
{
    EXPECT_EQ(graph_shapes(64, longest_input), (std::vector<GraphShape>{{64, 16, 64}, {64, 8, 64}}));
}

TEST(GraphShapes, ComeLargestFirst)
{
    const auto shapes = graph_shapes(2048, longest_input);

    ASSERT_EQ(shapes.size(), 6U);
    EXPECT_EQ(shapes.front(), (GraphShape{2048, 512, 512}));
    EXPECT_EQ(shapes.back(), (GraphShape{2048, 8, 128}));
}

TEST(GraphShapes, AreNoneWhereTheGpuTakesLongerThanTheLaunches)
{
    EXPECT_TRUE(graph_shapes(2304, longest_input).empty());
    EXPECT_FALSE(graph_shape_for(2304, 1, 10, longest_input));
}

TEST(GraphShapes, AreNoneForRowsThatAreNoRung)
{
    EXPECT_TRUE(graph_shapes(67, longest_input).empty());
}

TEST(GraphShapes, TakeTheSmallestThatHoldsABatch)
{
    EXPECT_EQ(graph_shape_for(256, 1, 16, longest_input), (GraphShape{256, 8, 128}));
    EXPECT_EQ(graph_shape_for(256, 8, 128, longest_input), (GraphShape{256, 8, 128}));
    EXPECT_EQ(graph_shape_for(256, 9, 128, longest_input), (GraphShape{256, 64, 128}));
    EXPECT_EQ(graph_shape_for(256, 1, 129, longest_input), (GraphShape{256, 8, 256}));
}

TEST(GraphShapes, AreNoneForInputsThatAreHardlyMoreThanTheirMarks)
{
    EXPECT_FALSE(graph_shape_for(64, 17, 3, longest_input));
}

// What a lane captures at warm-up is what its batches ask for later: else the first of them would be cold.
TEST(GraphShapes, OfABatchAreAmongThoseOfItsRung)
{
    std::mt19937 random(7);
    for (const std::int64_t longest : {20, 128, 200, 512, 8192}) {
        const auto ladder = Ladder::for_gpu(16384, longest);
        for (int round = 0; round < 2000; ++round) {
            const auto rows = std::uniform_int_distribution<std::int64_t>(1, ladder.longest())(random);
            const auto rung = ladder.rung_for(rows);
            const auto length =
                std::uniform_int_distribution<std::int64_t>(1, std::min(rows, longest))(random);
            const auto inputs =
                std::uniform_int_distribution<std::int64_t>((rows + length - 1) / length, rows)(random);
            const auto shapes = graph_shapes(rung, longest);
            const auto shape = graph_shape_for(rung, inputs, length, longest);
            if (!shape) {
                EXPECT_TRUE(rung > most_graph_rows || inputs > rung / 4);
                continue;
            }
            EXPECT_NE(std::ranges::find(shapes, *shape), shapes.end());
            EXPECT_GE(shape->inputs, inputs);
            EXPECT_GE(shape->longest, length);
            EXPECT_EQ(shape->rows, rung);
        }
    }
}

TEST(GpuLadder, StepsWiderAsItClimbs)
{
    const auto ladder = Ladder::for_gpu(16384, 512);

    EXPECT_EQ(ladder.rungs().front(), 64);
    EXPECT_EQ(ladder.longest(), 16384);
    EXPECT_EQ(ladder.rungs().size(), 48U);
    EXPECT_EQ(ladder.rung_for(513), 640);
    EXPECT_EQ(ladder.rung_for(1025), 1280);
    EXPECT_EQ(ladder.rung_for(4097), 4608);
}

TEST(GpuLadder, ReachesTheLongestInput)
{
    EXPECT_GE(Ladder::for_gpu(512, 8192).longest(), 8192);
}

} // namespace
} // namespace embedd::model
