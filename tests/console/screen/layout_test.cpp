#include "console/screen/layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace embedd::console::screen {
namespace {

std::vector<Pane> panes(Size size, const Wanted& wanted)
{
    std::vector<Pane> found;
    for (const auto& placed : layout(size, wanted))
        found.push_back(placed.pane);
    std::sort(found.begin(), found.end());
    return found;
}

bool has(Size size, const Wanted& wanted, Pane pane)
{
    const auto found = panes(size, wanted);
    return std::find(found.begin(), found.end(), pane) != found.end();
}

const Wanted steady{.known = true, .replicas = 2, .phases = 9, .cells = 4, .clients = 1, .events = 2};

// Every cell belongs to one pane at most, and none lies outside.
void expect_tiled(Size size, const Wanted& wanted)
{
    std::vector<int> owners(static_cast<std::size_t>(size.width * size.height), 0);
    for (const auto& [pane, place] : layout(size, wanted)) {
        ASSERT_TRUE(place.x >= 0 && place.y >= 0 && place.width > 0 && place.height > 0);
        ASSERT_TRUE(place.x + place.width <= size.width && place.y + place.height <= size.height)
            << size.width << 'x' << size.height << " pane " << static_cast<int>(pane);
        for (int y = place.y; y < place.y + place.height; ++y)
            for (int x = place.x; x < place.x + place.width; ++x)
                ASSERT_EQ(owners[static_cast<std::size_t>(y * size.width + x)]++, 0)
                    << size.width << 'x' << size.height << " pane " << static_cast<int>(pane);
    }
    ASSERT_EQ(layout(size, wanted).front().pane, Pane::header);
}

TEST(Layout, NoPaneOverlapsAnotherAtAnySize)
{
    for (const int replicas : {0, 1, 2, 16})
        for (const bool starting : {false, true})
            for (int width = 1; width <= 250; width += width < 12 ? 1 : 7)
                for (int height = 1; height <= 80; ++height)
                    expect_tiled({width, height}, {.known = true,
                                                   .starting = starting,
                                                   .operation = height % 3 == 0,
                                                   .notices = height % 4,
                                                   .replicas = replicas,
                                                   .phases = 9,
                                                   .cells = replicas * 4,
                                                   .clients = 40,
                                                   .events = 100,
                                                   .operation_rows = replicas + 5});
}

TEST(Layout, BelowTwelveRowsOrSixtyColumnsThreeLinesAreLeft)
{
    EXPECT_EQ(panes({59, 40}, steady), (std::vector{Pane::header, Pane::summary, Pane::keys}));
    EXPECT_EQ(panes({200, 11}, steady), (std::vector{Pane::header, Pane::summary, Pane::keys}));
    EXPECT_TRUE(has({60, 12}, steady, Pane::latency));
    EXPECT_TRUE(has({60, 12}, steady, Pane::replicas));
}

TEST(Layout, TheLowerPaneGoesFirst)
{
    EXPECT_TRUE(has({80, 24}, steady, Pane::heatmap));
    EXPECT_FALSE(has({80, 20}, steady, Pane::heatmap));
    EXPECT_TRUE(has({80, 20}, steady, Pane::replicas));
}

TEST(Layout, OnATallScreenAllLowerPanesAreThere)
{
    for (const auto pane : {Pane::histogram, Pane::heatmap, Pane::clients, Pane::events})
        EXPECT_TRUE(has({140, 45}, steady, pane));
}

TEST(Layout, OnATallScreenColdHitsAndWarmUpComeToTheOthersWhenTheyAreChosen)
{
    for (const auto pane : {Pane::cold_hits, Pane::warm_up}) {
        auto wanted = steady;
        EXPECT_FALSE(has({140, 45}, wanted, pane));
        wanted.lower = pane;
        EXPECT_TRUE(has({140, 45}, wanted, pane));
    }
}

TEST(Layout, AZoomedPaneHasTheScreen)
{
    auto wanted = steady;
    wanted.zoomed = Pane::events;

    EXPECT_EQ(layout({80, 24}, wanted), (std::vector<Placed>{{Pane::header, {0, 0, 80, 1}},
                                                             {Pane::keys, {0, 23, 80, 1}},
                                                             {Pane::events, {0, 1, 80, 22}}}));
}

TEST(Layout, WithoutAStatusOnlyTheReasonIsShown)
{
    EXPECT_EQ(panes({80, 24}, {.notices = 2}), (std::vector{Pane::header, Pane::notice, Pane::keys}));
}

TEST(Layout, NothingHasNoPanes)
{
    EXPECT_TRUE(layout({0, 5}, steady).empty());
    EXPECT_TRUE(layout({5, 0}, steady).empty());
}

} // namespace
} // namespace embedd::console::screen
