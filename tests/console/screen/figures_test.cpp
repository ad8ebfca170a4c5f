#include "console/screen/figures.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace embedd::console::screen {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

TEST(Figures, CountsStayShort)
{
    EXPECT_EQ(short_count(0.0), "0");
    EXPECT_EQ(short_count(2.34), "2.3");
    EXPECT_EQ(short_count(1284.2), "1284");
    EXPECT_EQ(short_count(41'234.0), "41.2k");
    EXPECT_EQ(short_count(3'160'000.0), "3.16M");
    EXPECT_EQ(short_count(most), "18.4E");
    EXPECT_EQ(short_count(1e300), ">999E");
    EXPECT_EQ(short_count(std::nullopt), "-");
    EXPECT_EQ(short_count(std::numeric_limits<double>::quiet_NaN()), "-");
}

TEST(Figures, MillisecondsHaveThreeDigits)
{
    EXPECT_EQ(milliseconds(180), "0.18");
    EXPECT_EQ(milliseconds(26'800), "26.8");
    EXPECT_EQ(milliseconds(412'000), "412");
    EXPECT_EQ(milliseconds(134'217'727), "134218");
    EXPECT_EQ(milliseconds(most), ">999k");
    EXPECT_EQ(milliseconds(std::nullopt), "-");
}

TEST(Figures, SpansAreReadAtAGlance)
{
    EXPECT_EQ(span(250'000), "0.2s");
    EXPECT_EQ(span(41'900'000), "41s");
    EXPECT_EQ(span(41 * 60'000'000ULL), "41m");
    EXPECT_EQ(span((3 * 60 + 5) * 60'000'000ULL), "3h05m");
    EXPECT_EQ(span(9 * 24 * 3'600'000'000ULL), "9d");
    EXPECT_EQ(span(most), ">99kd");
}

TEST(Figures, ASmallShareIsNotNone)
{
    EXPECT_EQ(small_percent(0), "0%");
    EXPECT_EQ(small_percent(0.004), "0.4%");
    EXPECT_EQ(small_percent(0.66), "66%");
    EXPECT_EQ(percent(0.004), "0%");
    EXPECT_EQ(percent(1e300), "9999%");
}

TEST(Figures, TextsAreFittedIntoColumns)
{
    EXPECT_EQ(at_left("ab", 4), "ab  ");
    EXPECT_EQ(at_right("ab", 4), "  ab");
    EXPECT_EQ(at_left("abcdef", 4), "abc…");
    EXPECT_EQ(at_left("µµµ", 2), "µ…");
    EXPECT_EQ(at_left("abc", 0), "");
    EXPECT_EQ(column("abcdef", 4), " ab…");
}

TEST(Figures, WhatOthersSentIsMadeVisible)
{
    EXPECT_EQ(shown("\x1b[2J", 20), "\\x1B[2J");
    EXPECT_EQ(shown("\x1b\x1b\x1b", 6), "\\x1B\\…");
    EXPECT_EQ(shown(std::string(1'000'000, 'x'), 3), "xx…");
    EXPECT_EQ(shown("name", -5), "");
}

} // namespace
} // namespace embedd::console::screen
