#include "daemon/vectors.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <limits>

namespace embedd::daemon {
namespace {

using ipc::VectorType;

std::vector<int> as_ints(const std::vector<std::byte>& bytes)
{
    std::vector<int> all;
    for (const std::byte byte : bytes)
        all.push_back(static_cast<signed char>(std::to_integer<unsigned char>(byte)));
    return all;
}

std::vector<float> as_floats(const std::vector<std::byte>& bytes)
{
    std::vector<float> all(bytes.size() / sizeof(float));
    std::memcpy(all.data(), bytes.data(), bytes.size());
    return all;
}

TEST(Vectors, AreLeftAloneWhenNothingIsAskedFor)
{
    const std::vector<float> rows{1, 2, 3, 4};

    EXPECT_EQ(as_floats(format_vectors(rows, 2, {.dims = 2})), rows);
}

TEST(Vectors, AreCutBeforeTheyAreNormalised)
{
    const auto bytes = format_vectors(std::vector<float>{3, 4, 100}, 3, {.dims = 2, .normalize = true});

    EXPECT_THAT(as_floats(bytes), testing::ElementsAre(testing::FloatEq(0.6F), testing::FloatEq(0.8F)));
}

TEST(Vectors, WithoutDirectionStayZeroWhenNormalised)
{
    EXPECT_THAT(as_floats(format_vectors(std::vector<float>{0, 0}, 2, {.dims = 2, .normalize = true})),
                testing::ElementsAre(0, 0));
}

TEST(Vectors, UseAllOfInt8ByTheLargestNumberOfEachRow)
{
    const auto bytes = format_vectors(std::vector<float>{0.5F, -1, 0.25F, 0, 0, 0}, 3,
                                      {.dims = 3, .type = VectorType::int8});

    EXPECT_THAT(as_ints(bytes), testing::ElementsAre(64, -127, 32, 0, 0, 0));
}

TEST(Vectors, PackTheFirstNumberIntoTheHighestBit)
{
    const auto bytes = format_vectors(std::vector<float>{1, -1, 0, 2, -3, 1, 1, -1}, 8,
                                      {.dims = 8, .type = VectorType::ubinary});

    EXPECT_EQ(std::to_integer<int>(bytes.at(0)), 0b1001'0110);
}

TEST(Float16, RoundsToNearestEvenAndKeepsTheEdges)
{
    EXPECT_EQ(to_float16(0.0F), 0x0000);
    EXPECT_EQ(to_float16(-0.0F), 0x8000);
    EXPECT_EQ(to_float16(1.0F), 0x3C00);
    EXPECT_EQ(to_float16(-2.5F), 0xC100);
    EXPECT_EQ(to_float16(65504.0F), 0x7BFF);
    EXPECT_EQ(to_float16(65520.0F), 0x7C00);
    EXPECT_EQ(to_float16(0x1p-24F), 0x0001);
    EXPECT_EQ(to_float16(0x1p-14F), 0x0400);
    EXPECT_EQ(to_float16(1.0F + 0x1p-11F), 0x3C00);
    EXPECT_EQ(to_float16(1.0F + 3 * 0x1p-11F), 0x3C02);
}

TEST(Bfloat16, RoundsToNearestEven)
{
    EXPECT_EQ(to_bfloat16(1.0F), 0x3F80);
    EXPECT_EQ(to_bfloat16(1.0F + 0x1p-8F), 0x3F80);
    EXPECT_EQ(to_bfloat16(1.0F + 3 * 0x1p-8F), 0x3F82);
    EXPECT_EQ(to_bfloat16(std::numeric_limits<float>::infinity()), 0x7F80);
}

} // namespace
} // namespace embedd::daemon
