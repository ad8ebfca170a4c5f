// The arithmetic of the GPU's kernels, on an emulated one, against the same in double precision.
#include "tests/cuda/emulated_gpu.hpp"

#include "model/cuda/row_kernels.cuh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace embedd::model::kernels {
namespace {

using tests::run_threads;
using tests::run_warps;

constexpr std::int64_t count = 6; // of rows: a block and a half
constexpr float epsilon = 1e-12F;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

template <class Number>
struct Tolerance {
    static constexpr double value = 2e-6;
};
template <>
struct Tolerance<__nv_bfloat16> {
    static constexpr double value = 1.0 / 128; // half a unit of its last place, and the inputs' own
};
template <>
struct Tolerance<__half> {
    static constexpr double value = 1.0 / 1024;
};

template <class Number>
std::vector<Number> numbers(std::int64_t size, unsigned seed, float scale = 1)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> number(0.1F, scale);
    std::vector<Number> made(static_cast<std::size_t>(size));
    for (auto& one : made)
        one = from_float<Number>(number(random));
    return made;
}

template <class Number>
void expect_near(const std::vector<Number>& got, const std::vector<double>& wanted)
{
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i)
        ASSERT_NEAR(to_float(got[i]), wanted[i],
                    Tolerance<Number>::value * std::max(1.0, std::abs(wanted[i])))
            << i;
}

std::vector<double> normed(std::vector<double> row, const std::vector<float>& gain,
                           const std::vector<float>& bias)
{
    double mean = 0, variance = 0;
    for (const double x : row)
        mean += x / static_cast<double>(row.size());
    for (const double x : row)
        variance += (x - mean) * (x - mean) / static_cast<double>(row.size());
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = (row[i] - mean) / std::sqrt(variance + epsilon) * gain[i] + bias[i];
    return row;
}

template <class Number>
class RowKernels : public testing::Test {};
using Types = testing::Types<float, __nv_bfloat16, __half>;
TYPED_TEST_SUITE(RowKernels, Types);

template <class Number, int Steps>
void expect_norm_of_sum()
{
    constexpr std::int64_t width = Steps * vector * warp;
    auto rows = numbers<Number>(count * width, 1);
    const auto added = numbers<Number>(count * width, 2, 3);
    const auto linear_bias = numbers<float>(width, 3), gain = numbers<float>(width, 4),
               bias = numbers<float>(width, 5);
    std::vector<double> wanted;
    for (std::int64_t row = 0; row < count; ++row) {
        std::vector<double> sum;
        for (std::int64_t i = 0; i < width; ++i) {
            const auto at = static_cast<std::size_t>(row * width + i);
            sum.push_back(static_cast<double>(to_float(rows[at])) + to_float(added[at]) +
                          linear_bias[static_cast<std::size_t>(i)]);
        }
        const auto norm = normed(sum, gain, bias);
        wanted.insert(wanted.end(), norm.begin(), norm.end());
    }

    run_warps(blocks_for(count, rows_a_block), rows_a_block, [&] {
        add_and_norm_rows<Number, Steps>(rows.data(), added.data(), linear_bias.data(),
                                         {gain.data(), bias.data(), epsilon}, count);
    });

    expect_near(rows, wanted);
}

TYPED_TEST(RowKernels, NormTheSumOfRowsAndWhatALayerAdds)
{
    expect_norm_of_sum<TypeParam, 1>();
    expect_norm_of_sum<TypeParam, 3>(); // MiniLM
    expect_norm_of_sum<TypeParam, 6>(); // BERT-base
    expect_norm_of_sum<TypeParam, 8>();
}

TYPED_TEST(RowKernels, EmbedAsWordPlaceAndTypeSay)
{
    constexpr int steps = 3;
    constexpr std::int64_t width = steps * vector * warp;
    const auto words = numbers<TypeParam>(50 * width, 1), positions = numbers<TypeParam>(8 * width, 2),
               types = numbers<TypeParam>(2 * width, 3);
    const auto gain = numbers<float>(width, 4), bias = numbers<float>(width, 5);
    const std::vector<std::int32_t> ids{49, 0, 7, 7, 31, 12}, places{0, 1, 2, 0, 7, 3},
        type_ids{0, 0, 1, 1, 0, 1};
    std::vector<TypeParam> rows(static_cast<std::size_t>(count * width));
    std::vector<double> wanted;
    for (std::size_t row = 0; row < ids.size(); ++row) {
        std::vector<double> sum;
        for (std::int64_t i = 0; i < width; ++i)
            sum.push_back(
                static_cast<double>(to_float(words[static_cast<std::size_t>(ids[row] * width + i)])) +
                to_float(positions[static_cast<std::size_t>(places[row] * width + i)]) +
                to_float(types[static_cast<std::size_t>(type_ids[row] * width + i)]));
        const auto norm = normed(sum, gain, bias);
        wanted.insert(wanted.end(), norm.begin(), norm.end());
    }

    run_warps(blocks_for(count, rows_a_block), rows_a_block, [&] {
        embed_rows<TypeParam, steps>(words.data(), positions.data(), types.data(), ids.data(), places.data(),
                                     type_ids.data(), {gain.data(), bias.data(), epsilon}, rows.data(),
                                     count);
    });

    expect_near(rows, wanted);
}

TYPED_TEST(RowKernels, ComputeGeluWithTheErrorFunction)
{
    constexpr std::int64_t width = 1536;
    auto rows = numbers<TypeParam>(count * width, 1, 3);
    const auto bias = numbers<float>(width, 2);
    std::vector<double> wanted;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double x = static_cast<double>(to_float(rows[i])) + bias[i % width];
        wanted.push_back(0.5 * x * (1 + std::erf(x / std::sqrt(2.0))));
    }

    const auto packs = static_cast<unsigned>(count * width / gelu_pack);
    run_threads({blocks_for(packs, gelu_threads), 1, 1}, gelu_threads, [&] {
        add_and_gelu_packs<TypeParam>(rows.data(), bias.data(), packs,
                                      static_cast<unsigned>(width / gelu_pack));
    });

    expect_near(rows, wanted);
}

// Rows 0 to 3, none, row 4; row 5 belongs to no input, and is not a number.
template <class Number>
std::vector<double> pooled(Pooling pooling, std::vector<Number> rows, std::int64_t width)
{
    const std::vector<std::int32_t> offsets{0, 4, 4, 5};
    std::fill(rows.begin() + 5 * width, rows.end(), from_float<Number>(std::nanf("")));
    std::vector<float> vectors(static_cast<std::size_t>(3 * width), 9);
    const auto packs = static_cast<int>(width / pool_pack);
    run_threads({3, blocks_for(packs, pool_threads), 1}, pool_threads,
                [&] { pool_rows<Number>(pooling, rows.data(), offsets.data(), vectors.data(), packs); });
    return {vectors.begin(), vectors.end()};
}

TYPED_TEST(RowKernels, PoolAnInputsRowsAndNoOthers)
{
    constexpr std::int64_t width = 384;
    const auto rows = numbers<TypeParam>(count * width, 1);
    for (const auto pooling : {Pooling::cls, Pooling::mean, Pooling::max, Pooling::mean_sqrt_len}) {
        const auto got = pooled(pooling, rows, width);
        for (std::int64_t i = 0; i < width; ++i) {
            const auto at = [&](std::int64_t row) {
                return static_cast<double>(to_float(rows[static_cast<std::size_t>(row * width + i)]));
            };
            const double sum = at(0) + at(1) + at(2) + at(3);
            const double first = pooling == Pooling::cls    ? at(0)
                                 : pooling == Pooling::mean ? sum / 4
                                 : pooling == Pooling::max  ? std::max({at(0), at(1), at(2), at(3)})
                                                            : sum / 2;
            EXPECT_NEAR(got[static_cast<std::size_t>(i)], first, 1e-6) << name_of(pooling);
            EXPECT_EQ(got[static_cast<std::size_t>(width + i)], 0) << name_of(pooling);
            EXPECT_NEAR(got[static_cast<std::size_t>(2 * width + i)], at(4), 1e-6) << name_of(pooling);
        }
    }
}

TYPED_TEST(RowKernels, LetWhatIsNoNumberComeOutOfEveryPooling)
{
    constexpr std::int64_t width = 128;
    auto rows = numbers<TypeParam>(count * width, 1);
    rows[0] = from_float<TypeParam>(static_cast<float>(nothing));
    for (const auto pooling : {Pooling::cls, Pooling::mean, Pooling::max, Pooling::mean_sqrt_len})
        EXPECT_TRUE(std::isnan(pooled(pooling, rows, width).front())) << name_of(pooling);
}

} // namespace
} // namespace embedd::model::kernels
