#include "model/weight_numbers.hpp"

#include <bit>
#include <cassert>
#include <cstring>

namespace embedd::model {
namespace {

float from_half(std::uint16_t half)
{
    // Moved into a float32's place, the exponent is 112 too small: one multiplication mends that, and makes
    // subnormal halves normal on the way.
    const std::uint32_t sign = (half & 0x8000u) << 16;
    const std::uint32_t magnitude = (half & 0x7fffu) << 13;
    const bool special = (half & 0x7c00u) == 0x7c00u;
    const float value =
        special ? std::bit_cast<float>(magnitude | 0x7f800000u) : std::bit_cast<float>(magnitude) * 0x1p112f;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

std::uint16_t load16(const std::byte* at)
{
    std::uint16_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

} // namespace

void widen(TensorType type, std::span<const std::byte> stored, std::span<float> into)
{
    assert(stored.size() == into.size() * bytes_of(type));
    if (type == TensorType::float32) {
        std::memcpy(into.data(), stored.data(), stored.size());
        return;
    }
    for (std::size_t i = 0; i < into.size(); ++i) {
        const auto bits = load16(stored.data() + 2 * i);
        into[i] = type == TensorType::float16 ? from_half(bits)
                                              : std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
    }
}

std::uint64_t bytes_of(TensorType type)
{
    return type == TensorType::float32 ? 4 : 2;
}

bool all_finite(std::span<const float> numbers)
{
    constexpr std::uint32_t exponent = 0x7f800000u;
    std::uint32_t found = 0;
    for (const float number : numbers)
        found |= (std::bit_cast<std::uint32_t>(number) & exponent) == exponent ? 1u : 0u;
    return found == 0;
}

std::uint64_t checksum(std::uint64_t sum, std::span<const std::byte> bytes)
{
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    const auto step = [&](std::uint64_t word) { sum = std::rotl(sum ^ word, 29) * odd; };
    step(bytes.size());
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data(), 8);
        step(word);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, bytes.data(), bytes.size());
    step(rest);
    return sum;
}

} // namespace embedd::model
