#pragma once

#include "model/config.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace embedd::model {

// What the rows of a network are kept in on the device.
enum class RowType : std::uint8_t { float32, bfloat16, float16 };

// Our own kernels: what lies between the matrix products, each in one pass over the rows. They compute in
// float32 and start on `stream` without waiting. Pointers are to device memory, aligned to 16 bytes; rows lie
// one after another without a gap.
//
// `width` is a whole number of 128 numbers, up to 1,024: see kernels_take(). Launch errors are found by
// cudaGetLastError().
namespace kernels {

[[nodiscard]] bool take(std::int64_t width);

struct Norm {
    const float* gain;
    const float* bias;
    float epsilon;
};

// rows[i] = norm(words[ids[i]] + positions[places[i]] + types[type_ids[i]])
struct Tables {
    const void* words;
    const void* positions;
    const void* types;
};
void embed(RowType type, const Tables& tables, const std::int32_t* ids, const std::int32_t* places,
           const std::int32_t* type_ids, const Norm& norm, void* rows, std::int64_t count, std::int64_t width,
           cudaStream_t stream);

// rows[i] = norm(rows[i] + added[i] + bias)
void add_and_norm(RowType type, void* rows, const void* added, const float* bias, const Norm& norm,
                  std::int64_t count, std::int64_t width, cudaStream_t stream);

// rows[i] = gelu(rows[i] + bias), with the error function as BERT has it. `width` is any multiple of 8.
void add_and_gelu(RowType type, void* rows, const float* bias, std::int64_t count, std::int64_t width,
                  cudaStream_t stream);

// vectors[input] = the pooled rows offsets[input] to offsets[input + 1], nothing else is read; 0 for an empty
// input. `width` is any multiple of 2.
void pool(RowType type, Pooling pooling, const void* rows, const std::int32_t* offsets, float* vectors,
          std::int64_t inputs, std::int64_t width, cudaStream_t stream);

} // namespace kernels

} // namespace embedd::model
