#include "daemon/vectors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace embedd::daemon {

namespace {

static_assert(std::endian::native == std::endian::little, "vectors are written as they lie in memory");

void normalize(std::span<float> row)
{
    double squares = 0;
    for (const float value : row)
        squares += static_cast<double>(value) * static_cast<double>(value);
    if (squares == 0)
        return; // a vector without direction stays what it is
    const auto scale = static_cast<float>(1.0 / std::sqrt(squares));
    for (float& value : row)
        value *= scale;
}

std::uint8_t to_int8(float value, float scale)
{
    return static_cast<std::uint8_t>(static_cast<std::int8_t>(std::lround(value * scale)));
}

void write_int8(std::span<const float> row, std::byte* out)
{
    float largest = 0;
    for (const float value : row)
        largest = std::max(largest, std::abs(value));
    const float scale = largest > 0 ? 127.0F / largest : 0.0F;
    for (const float value : row)
        *out++ = std::byte{to_int8(value, scale)};
}

void write_bits(std::span<const float> row, std::byte* out)
{
    for (std::size_t at = 0; at < row.size(); at += 8) {
        unsigned bits = 0;
        for (std::size_t bit = 0; bit < 8; ++bit)
            bits = bits << 1U | (row[at + bit] > 0 ? 1U : 0U);
        *out++ = static_cast<std::byte>(bits);
    }
}

template <std::uint16_t (*narrow)(float) noexcept>
void write_halves(std::span<const float> row, std::byte* out)
{
    for (const float value : row) {
        const std::uint16_t half = narrow(value);
        std::memcpy(out, &half, sizeof half);
        out += sizeof half;
    }
}

std::size_t row_bytes(const VectorFormat& format)
{
    switch (format.type) {
    case ipc::VectorType::float32:
        return format.dims * 4;
    case ipc::VectorType::float16:
    case ipc::VectorType::bfloat16:
        return format.dims * 2;
    case ipc::VectorType::int8:
        return format.dims;
    case ipc::VectorType::ubinary:
        return format.dims / 8;
    }
    return 0;
}

void write_row(std::span<const float> row, ipc::VectorType type, std::byte* out)
{
    switch (type) {
    case ipc::VectorType::float32:
        std::memcpy(out, row.data(), row.size_bytes());
        break;
    case ipc::VectorType::float16:
        write_halves<to_float16>(row, out);
        break;
    case ipc::VectorType::bfloat16:
        write_halves<to_bfloat16>(row, out);
        break;
    case ipc::VectorType::int8:
        write_int8(row, out);
        break;
    case ipc::VectorType::ubinary:
        write_bits(row, out);
        break;
    }
}

} // namespace

std::uint16_t to_bfloat16(float value) noexcept
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (std::isnan(value))
        return static_cast<std::uint16_t>(bits >> 16U | 0x40U);
    return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U);
}

std::uint16_t to_float16(float value) noexcept
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16U & 0x8000U);
    const float magnitude = std::abs(value);
    if (std::isnan(value))
        return static_cast<std::uint16_t>(sign | 0x7E00U);
    if (magnitude >= 65520.0F)
        return static_cast<std::uint16_t>(sign | 0x7C00U);
    if (magnitude < 0x1p-14F) // subnormal: whole steps of 2^-24
        return static_cast<std::uint16_t>(sign |
                                          static_cast<std::uint16_t>(std::nearbyint(magnitude * 0x1p24F)));
    const std::uint32_t rebased = (bits & 0x7FFFFFFFU) - (112U << 23U);
    return static_cast<std::uint16_t>(sign | (rebased + 0xFFFU + (rebased >> 13U & 1U)) >> 13U);
}

std::vector<std::byte> format_vectors(std::span<const float> rows, std::uint64_t model_dims,
                                      const VectorFormat& format)
{
    const std::size_t count = model_dims == 0 ? 0 : rows.size() / model_dims;
    const std::size_t stride = row_bytes(format);
    std::vector<std::byte> out(count * stride);
    std::vector<float> row(format.dims);
    for (std::size_t at = 0; at < count; ++at) {
        std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(at * model_dims), format.dims, row.begin());
        if (format.normalize)
            normalize(row);
        write_row(row, format.type, out.data() + at * stride);
    }
    return out;
}

} // namespace embedd::daemon
