#pragma once

#include "model/config.hpp"

#include <cstddef>
#include <cstdint>

namespace embedd::model {

struct Bfloat16 {
    std::uint16_t bits;
};

struct LayerNorm {
    const float* gain;
    const float* bias;
    std::size_t width;
    float epsilon;
};

inline constexpr std::size_t max_row_width = 16'384;

// What happens to rows between the linear layers; sums are float32 for both types. `rows` may not overlap
// another argument.
template <class Number>
struct RowKernels {
    // row = norm(word + position + type)
    void (*embed)(const Number* word, const float* position, const float* type, const LayerNorm& norm,
                  Number* row);
    // rows = norm(rows + added), each of `count`
    void (*add_and_norm)(const Number* added, Number* rows, std::size_t count, const LayerNorm& norm);
    void (*pool)(const Number* rows, std::size_t count, std::size_t width, Pooling pooling, float* pooled);
};

// The kernels for this processor, compiled for AVX-512 and for any x86-64.
template <class Number>
[[nodiscard]] const RowKernels<Number>& row_kernels();

namespace avx512 {
extern const RowKernels<float> float_kernels;
extern const RowKernels<Bfloat16> bfloat16_kernels;
} // namespace avx512
namespace any_processor {
extern const RowKernels<float> float_kernels;
extern const RowKernels<Bfloat16> bfloat16_kernels;
} // namespace any_processor

} // namespace embedd::model
