// Compiled twice, for AVX-512 and for any processor. Nothing of the standard library may be instantiated
// here: the linker would keep one copy, perhaps the one that other processors cannot run.
#include "model/row_kernels.hpp"

#include <cstring>

namespace embedd::model::EMBEDD_ROW_KERNELS {
namespace {

float load(const float* at)
{
    return *at;
}

float load(const Bfloat16* at)
{
    const std::uint32_t bits = static_cast<std::uint32_t>(at->bits) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

void store(float value, float* at)
{
    *at = value;
}

void store(float value, Bfloat16* at)
{
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const std::uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    // Rounding would carry some NaNs over into zero, and hide them.
    at->bits = static_cast<std::uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : rounded);
}

template <class Number>
void normalized(const float* sums, float total, const LayerNorm& norm, Number* row)
{
    const auto count = static_cast<float>(norm.width);
    const float mean = total / count;
    float squares = 0;
    for (std::size_t i = 0; i < norm.width; ++i)
        squares += (sums[i] - mean) * (sums[i] - mean);
    const float scale = 1 / __builtin_sqrtf(squares / count + norm.epsilon);
    for (std::size_t i = 0; i < norm.width; ++i)
        store((sums[i] - mean) * scale * norm.gain[i] + norm.bias[i], row + i);
}

template <class Number>
void embed(const Number* word, const float* position, const float* type, const LayerNorm& norm, Number* row)
{
    float sums[max_row_width];
    float total = 0;
    for (std::size_t i = 0; i < norm.width; ++i) {
        sums[i] = load(word + i) + position[i] + type[i];
        total += sums[i];
    }
    normalized(sums, total, norm, row);
}

template <class Number>
void add_and_norm(const Number* added, Number* rows, std::size_t count, const LayerNorm& norm)
{
    float sums[max_row_width];
    for (std::size_t row = 0; row < count; ++row, rows += norm.width, added += norm.width) {
        float total = 0;
        for (std::size_t i = 0; i < norm.width; ++i) {
            sums[i] = load(rows + i) + load(added + i);
            total += sums[i];
        }
        normalized(sums, total, norm, rows);
    }
}

template <class Number>
void pool(const Number* rows, std::size_t count, std::size_t width, Pooling pooling, float* pooled)
{
    for (std::size_t i = 0; i < width; ++i)
        pooled[i] = load(rows + i);
    if (pooling == Pooling::cls)
        return;
    for (std::size_t row = 1; row < count; ++row)
        for (std::size_t i = 0; i < width; ++i) {
            const float value = load(rows + row * width + i);
            // Written so that a NaN on either side stays one.
            const float larger = pooled[i] >= value || pooled[i] != pooled[i] ? pooled[i] : value;
            pooled[i] = pooling == Pooling::max ? larger : pooled[i] + value;
        }
    const auto tokens = static_cast<float>(count);
    const float divisor = pooling == Pooling::mean            ? tokens
                          : pooling == Pooling::mean_sqrt_len ? __builtin_sqrtf(tokens)
                                                              : 1;
    for (std::size_t i = 0; i < width; ++i)
        pooled[i] /= divisor;
}

} // namespace

const RowKernels<float> float_kernels{embed<float>, add_and_norm<float>, pool<float>};
const RowKernels<Bfloat16> bfloat16_kernels{embed<Bfloat16>, add_and_norm<Bfloat16>, pool<Bfloat16>};

} // namespace embedd::model::EMBEDD_ROW_KERNELS
