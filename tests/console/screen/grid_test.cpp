#include "console/screen/grid.hpp"

#include <gtest/gtest.h>

namespace embedd::console::screen {
namespace {

TEST(Grid, HasOnlyWhatLiesInside)
{
    Grid grid{{3, 2}, Repertoire::unicode};
    const Canvas canvas{grid, {0, 0, 3, 2}};

    canvas.put(1, 0, "abc");
    canvas.put(-1, 1, "xyz");
    canvas.put(0, 2, "below");

    EXPECT_EQ(grid.text(), " ab\nyz\n");
    EXPECT_EQ(grid.at(7, 7), Cell{});
}

TEST(Grid, AWindowOnItEndsAtItsEdges)
{
    Grid grid{{6, 3}, Repertoire::unicode};
    const Canvas canvas{grid, {1, 1, 3, 1}};

    canvas.put(0, 0, "12345");
    canvas.put(0, 1, "12345");
    canvas.put_right(2, 0, "ab");

    EXPECT_EQ(grid.text(), "\n ab3\n\n");
}

TEST(Grid, HoldsOnlyCharactersOfOneColumn)
{
    Grid grid{{12, 1}, Repertoire::unicode};

    Canvas{grid, {0, 0, 12, 1}}.put(0, 0, U"a\x1b\x9b\u202e\u65e5\U0001F600\u0301é█");

    EXPECT_EQ(grid.text(), "a??????é█\n");
}

TEST(Grid, InAsciiNothingElseIsDrawn)
{
    Grid grid{{12, 1}, Repertoire::ascii};

    Canvas{grid, {0, 0, 12, 1}}.put(0, 0, "µs – ÷ é█…");

    EXPECT_EQ(grid.text(), "us - / ??~\n");
}

TEST(Grid, SidesAreBounded)
{
    EXPECT_EQ((Grid{{-1, 5}, Repertoire::ascii}.size()), (Size{0, 5}));
    EXPECT_EQ((Grid{{1'000'000, 1}, Repertoire::ascii}.size()), (Size{Grid::longest_side, 1}));
}

TEST(Grid, BrokenUtf8IsShownByteForByte)
{
    EXPECT_EQ(decoded("a\xC3"), U"a?");
    EXPECT_EQ(decoded("\xE2\x82"), U"??");
    EXPECT_EQ(decoded("\xFF\xC3\xA9"), U"?é");
}

} // namespace
} // namespace embedd::console::screen
