#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// What the fake worker is, so that tests can compute what it will answer.
namespace embedd::fake {

inline constexpr std::size_t dimensions = 8;
inline constexpr std::int64_t vocabulary = 30'522;
inline constexpr std::uint64_t max_tokens = 256;
inline constexpr std::uint64_t largest_rung = 512;

// The pooled, not normalised vector of one input: numbers in (-1, 1) that depend on every id and its place,
// and on nothing else (not on what shares the batch).
[[nodiscard]] constexpr std::array<float, dimensions> vector_of(std::span<const std::int32_t> ids)
{
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const std::int32_t id : ids)
        hash = (hash ^ static_cast<std::uint32_t>(id)) * 1'099'511'628'211U;

    std::array<float, dimensions> vector{};
    for (float& value : vector) {
        hash = hash * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        value = static_cast<float>(hash >> 40U) / static_cast<float>(1U << 23U) - 1.0F;
    }
    return vector;
}

// As the real ladder: multiples of 8 to 64, of 16 to 256, of 32 beyond.
[[nodiscard]] constexpr std::uint64_t rung_of(std::uint64_t tokens)
{
    const std::uint64_t step = tokens <= 64 ? 8 : tokens <= 256 ? 16 : 32;
    return (tokens + step - 1) / step * step;
}

// The ladder, up to the largest rung or to the operator's budget of a batch.
[[nodiscard]] inline std::vector<std::uint64_t> rungs(std::uint64_t max_batch_tokens)
{
    const auto largest = max_batch_tokens != 0 ? rung_of(max_batch_tokens) : largest_rung;
    std::vector<std::uint64_t> rungs;
    for (std::uint64_t rows = 8; rows <= largest; rows = rung_of(rows + 1))
        rungs.push_back(rows);
    return rungs;
}

[[nodiscard]] constexpr std::uint64_t cost_us(std::uint64_t rows)
{
    return 100 + 10 * rows;
}

} // namespace embedd::fake
