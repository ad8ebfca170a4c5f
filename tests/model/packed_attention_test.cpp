#include "model/packed_attention.hpp"
#include "model/processor.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

namespace embedd::model {
namespace {

float number(Bfloat16 value)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}

Bfloat16 rounded(float value)
{
    return {static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(value) + 0x8000u) >> 16)};
}

struct Shape {
    std::size_t heads, head_size;
};

// What attention is, one number after the other, in double.
double expected(const std::vector<Bfloat16>& rows, Shape shape, std::size_t begin, std::size_t end,
                std::size_t query, std::size_t column)
{
    const auto hidden = shape.heads * shape.head_size;
    const auto at = [&](std::size_t row, std::size_t place) {
        return static_cast<double>(number(rows[row * 3 * hidden + place]));
    };
    const auto head = column / shape.head_size * shape.head_size;
    double total = 0, mixed = 0;
    for (auto key = begin; key < end; ++key) {
        double score = 0;
        for (std::size_t i = head; i < head + shape.head_size; ++i)
            score += at(query, i) * at(key, hidden + i);
        const auto weight = std::exp(score / std::sqrt(static_cast<double>(shape.head_size)));
        total += weight;
        mixed += weight * at(key, 2 * hidden + column);
    }
    return mixed / total;
}

class PackedAttention : public ::testing::TestWithParam<Shape> {};

TEST_P(PackedAttention, MixesTheValuesOfEachInputAlone)
{
    // Elsewhere the network goes another way, which network_test holds to the same vectors.
    if (!has_avx512_bfloat16())
        return;
    const auto shape = GetParam();
    const auto hidden = shape.heads * shape.head_size;
    std::vector<std::int32_t> offsets{0};
    for (const int length : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 48, 63, 130})
        offsets.push_back(offsets.back() + length);
    const auto count = static_cast<std::size_t>(offsets.back());
    std::mt19937 generator{11};
    std::normal_distribution<float> draw{0, 2};
    std::vector<Bfloat16> projected(count * 3 * hidden), attended(count * hidden);
    for (auto& value : projected)
        value = rounded(draw(generator));

    attend_packed({projected.data(), attended.data(), hidden, shape.heads}, offsets);

    for (std::size_t input = 0; input + 1 < offsets.size(); ++input) {
        const auto begin = static_cast<std::size_t>(offsets[input]);
        const auto end = static_cast<std::size_t>(offsets[input + 1]);
        for (auto query = begin; query < end; ++query)
            for (std::size_t column = 0; column < hidden; column += 5)
                ASSERT_NEAR(static_cast<double>(number(attended[query * hidden + column])),
                            expected(projected, shape, begin, end, query, column), 0.06)
                    << "input " << input << ", query " << query - begin << ", column " << column;
    }
}

INSTANTIATE_TEST_SUITE_P(HeadSizes, PackedAttention,
                         ::testing::Values(Shape{2, 32}, Shape{1, 64}, Shape{2, 96}, Shape{1, 128}));

TEST(PackedAttention, KeepsWhatIsNotFiniteVisibleAndInItsOwnInput)
{
    if (!has_avx512_bfloat16())
        return;
    constexpr std::size_t hidden = 32;
    std::vector<Bfloat16> projected(20 * 3 * hidden, rounded(0.5f)), attended(20 * hidden);
    projected[hidden] = {0x7fc0}; // a key's number in the first input
    const std::vector<std::int32_t> offsets{0, 3, 20};

    attend_packed({projected.data(), attended.data(), hidden, 1}, offsets);

    EXPECT_TRUE(std::isnan(number(attended[2 * hidden])));
    EXPECT_EQ(number(attended[3 * hidden]), 0.5f);
}

} // namespace
} // namespace embedd::model
