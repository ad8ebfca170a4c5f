#include "daemon/events.hpp"

#include <gtest/gtest.h>

#include <string>

namespace embedd::daemon {
namespace {

TEST(Events, AreTheLastLinesOldestFirst)
{
    Events events;
    events.add(Level::info, "listening");
    events.add(Level::warning, "late");

    const auto recent = events.recent();

    ASSERT_EQ(recent.size(), 2U);
    EXPECT_EQ(recent[0].text, "listening");
    EXPECT_EQ(recent[1].level, "warning");
    EXPECT_LE(recent[0].mono_us, recent[1].mono_us);
}

TEST(Events, AreNumberedAlsoWhereThoseBeforeAreForgotten)
{
    Events events;
    for (int i = 1; i <= 1000; ++i)
        events.add(Level::info, std::to_string(i));

    const auto recent = events.recent();

    ASSERT_EQ(recent.size(), 64U);
    EXPECT_EQ(recent.front().seq, 937U);
    EXPECT_EQ(recent.back().seq, 1000U);
    EXPECT_EQ(recent.back().text, "1000");
}

TEST(Events, AreShort)
{
    Events events;
    events.add(Level::info, std::string(1 << 20, 'x'));

    EXPECT_EQ(events.recent().back().text, std::string(1024, 'x'));
}

} // namespace
} // namespace embedd::daemon
