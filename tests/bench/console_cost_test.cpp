#include "bench/console_cost.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace embedd::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

ConsoleUse use(double core)
{
    return {.core = core,
            .memory = {.resident_bytes = 6 << 20, .proportional_bytes = 2 << 20},
            .bytes_per_second = 1000,
            .longest_silence = 1s};
}

// Two rounds of every kind of window, as they are taken.
std::vector<WatchedWindow> good()
{
    using enum Watchers;
    return {
        {.watchers = none, .loaded = false, .daemon_core = 0.01, .consoles = {}},
        {.watchers = consoles, .loaded = false, .daemon_core = 0.03, .consoles = {use(0.001), use(0.002)}},
        {.watchers = none, .loaded = true, .tokens_per_second = 100, .daemon_core = 0.1, .consoles = {}},
        {.watchers = consoles,
         .loaded = true,
         .tokens_per_second = 98,
         .daemon_core = 0.12,
         .consoles = {use(0.002), use(0.004)}},
        {.watchers = burdens_too,
         .loaded = true,
         .tokens_per_second = 99,
         .daemon_core = 0.14,
         .consoles = {use(0.003), use(0.003)}},
        {.watchers = none, .loaded = true, .tokens_per_second = 200, .daemon_core = 0.1, .consoles = {}},
        {.watchers = consoles,
         .loaded = true,
         .tokens_per_second = 200,
         .daemon_core = 0.12,
         .consoles = {use(0.002), use(0.004)}},
        {.watchers = burdens_too,
         .loaded = true,
         .tokens_per_second = 198,
         .daemon_core = 0.14,
         .consoles = {use(0.003), use(0.003)}},
    };
}

TEST(ConsoleCost, IsToldForEachKindOfWindow)
{
    const auto costs = summarize(good());

    ASSERT_THAT(costs, SizeIs(5));
    EXPECT_FALSE(costs[0].use);
    EXPECT_EQ(costs[1].use->consoles, 2U);
    EXPECT_DOUBLE_EQ(costs[1].use->core, 0.0015);
    EXPECT_DOUBLE_EQ(costs[3].use->most_core, 0.004);
    EXPECT_DOUBLE_EQ(costs[3].use->bytes_per_second, 1000);
    EXPECT_EQ(costs[3].use->memory.resident_bytes, 6U << 20);
    EXPECT_EQ(costs[4].watchers, Watchers::burdens_too);
}

TEST(ConsoleCost, OfTheDaemonIsWhatEachConsoleAdds)
{
    const auto costs = summarize(good());

    EXPECT_DOUBLE_EQ(costs[1].use->added_daemon_core, 0.01);
    EXPECT_DOUBLE_EQ(costs[3].use->added_daemon_core, 0.01);
}

TEST(ConsoleCost, OfThroughputIsComparedRoundByRound)
{
    const auto costs = summarize(good());

    EXPECT_EQ(costs[1].ratio, std::nullopt);
    EXPECT_EQ(costs[2].ratio, std::nullopt);
    EXPECT_DOUBLE_EQ(*costs[3].ratio, 1); // of 0.98 and 1 the upper
    EXPECT_DOUBLE_EQ(*costs[4].ratio, 0.99);
}

TEST(ConsoleBars, AreKeptWhereHardlyAnybodyNotices)
{
    EXPECT_THAT(missed_bars(summarize(good()), {}), IsEmpty());
}

TEST(ConsoleBars, NameTheConsoleThatIsDearAndTheThroughputThatIsLost)
{
    auto windows = good();
    windows[1].consoles = {use(0.01), use(0.01)};
    windows[4].tokens_per_second = 96;
    windows[7].tokens_per_second = 190;

    EXPECT_THAT(missed_bars(summarize(windows), {}),
                ElementsAre("a console beside an idle daemon takes 0.0100 of a core, the bar is 0.0100",
                            "throughput with consoles beside a stopped and an unread one is 0.960 of that "
                            "without, the bar is 0.970"));
}

TEST(ConsoleBars, CannotBeKeptByWhatWasNotMeasured)
{
    EXPECT_THAT(missed_bars({}, {}), ElementsAre("no console was measured"));
}

} // namespace
} // namespace embedd::bench
