#include "daemon/option_values.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

using std::chrono::milliseconds;

TEST(OptionValues, WholeNumbersHaveNothingButDigits)
{
    EXPECT_EQ(parse_whole("4096"), 4096U);
    EXPECT_EQ(parse_whole("18446744073709551615"), UINT64_MAX);
    for (const auto* text : {"", "-1", "+1", " 1", "1 ", "1.5", "0x10", "1e3", "18446744073709551616"})
        EXPECT_EQ(parse_whole(text), std::nullopt) << text;
}

TEST(OptionValues, SizesTakeBinaryUnits)
{
    EXPECT_EQ(parse_bytes("4096"), 4096U);
    EXPECT_EQ(parse_bytes("16MiB"), 16U << 20);
    EXPECT_EQ(parse_bytes("2GiB"), 2ULL << 30);
    for (const auto* text : {"", "MiB", "16MB", "16 MiB", "-1KiB", "18446744073709551615KiB"})
        EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
}

TEST(OptionValues, TimesTakeUnitsAndAreSecondsWithoutOne)
{
    EXPECT_EQ(parse_duration("50ms"), milliseconds{50});
    EXPECT_EQ(parse_duration("20s"), milliseconds{20'000});
    EXPECT_EQ(parse_duration("2m"), milliseconds{120'000});
    EXPECT_EQ(parse_duration("7"), milliseconds{7'000});
    for (const auto* text : {"", "s", "1h", "1.5s", "-1s", "9999999999s"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(OptionValues, FractionsAreOfAWhole)
{
    EXPECT_EQ(parse_fraction("0.9"), 0.9);
    EXPECT_EQ(parse_fraction("1"), 1.0);
    for (const auto* text : {"", "0", "0.001", "1.1", "-0.5", "nan", "inf", "50%", "0.5x"})
        EXPECT_EQ(parse_fraction(text), std::nullopt) << text;
}

TEST(OptionValues, TruthHasTwoWords)
{
    EXPECT_EQ(parse_bool("true"), true);
    EXPECT_EQ(parse_bool("false"), false);
    for (const auto* text : {"", "yes", "1", "True"})
        EXPECT_EQ(parse_bool(text), std::nullopt) << text;
}

TEST(OptionValues, PermissionsAreOctal)
{
    EXPECT_EQ(parse_octal("0660"), 0660U);
    EXPECT_EQ(parse_octal("600"), 0600U);
    for (const auto* text : {"", "668", "-rw", "77777"})
        EXPECT_EQ(parse_octal(text), std::nullopt) << text;
}

TEST(OptionValues, DevicesAreTheCpuOrCudaDevicesEachOnce)
{
    using Devices = std::vector<std::string>;
    EXPECT_EQ(parse_devices("auto"), Devices{"auto"});
    EXPECT_EQ(parse_devices("cpu"), Devices{"cpu"});
    EXPECT_EQ(parse_devices("cuda"), Devices{"cuda:0"});
    EXPECT_EQ(parse_devices("cuda:3,cuda,cuda:1"), (Devices{"cuda:3", "cuda:0", "cuda:1"}));
    for (const auto* text : {"", "tpu", "cuda:", "cuda:x", "cuda:-1", "cuda:256", "cuda:0,", ",cuda:0",
                             "cpu,cuda:0", "cuda,cuda:0", "cuda:1,cuda:1", "cuda:0, cuda:1", "cuda0",
                             "cuda:0,cuda:1,cuda:2,cuda:3,cuda:4,cuda:5,cuda:6,cuda:7,cuda:8,cuda:9,cuda:10,"
                             "cuda:11,cuda:12,cuda:13,cuda:14,cuda:15,cuda:16"})
        EXPECT_EQ(parse_devices(text), std::nullopt) << text;
}

} // namespace
} // namespace embedd::daemon
