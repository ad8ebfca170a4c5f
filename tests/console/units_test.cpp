#include "console/presentation/units.hpp"

#include <gtest/gtest.h>

namespace embedd::console {
namespace {

using std::chrono::microseconds;

TEST(Units, BytesKeepThreeDigitsAndBinaryPrefixes)
{
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(1023), "1023 B");
    EXPECT_EQ(format_bytes(1024), "1.00 KiB");
    EXPECT_EQ(format_bytes(90'868'376), "86.7 MiB");
    EXPECT_EQ(format_bytes(139ULL << 30), "139 GiB");
    EXPECT_EQ(format_bytes((1ULL << 20) - 1), "1.00 MiB");
}

TEST(Units, DurationsPickTheUnitOneWouldSay)
{
    EXPECT_EQ(format_duration(microseconds{0}), "0 µs");
    EXPECT_EQ(format_duration(microseconds{999}), "999 µs");
    EXPECT_EQ(format_duration(microseconds{12'345}), "12.3 ms");
    EXPECT_EQ(format_duration(microseconds{4'200'000}), "4.20 s");
    EXPECT_EQ(format_duration(microseconds{200'000'000}), "3 min 20 s");
    EXPECT_EQ(format_duration(microseconds{7'500'000'000}), "2 h 5 min");
}

TEST(Units, WhatIsUnknownIsADash)
{
    EXPECT_EQ(format_duration(std::optional<std::uint64_t>{1'500}), "1.50 ms");
    EXPECT_EQ(format_duration(std::optional<std::uint64_t>{}), "–");
    EXPECT_EQ(format_ratio(1.006), "1.01");
    EXPECT_EQ(format_ratio({}), "–");
}

TEST(Units, CountsAreGroupedByThousands)
{
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1'000), "1,000");
    EXPECT_EQ(format_count(12'345'678), "12,345,678");
}

} // namespace
} // namespace embedd::console
