#pragma once

#include "model/config.hpp"
#include "model/cuda/kernels.hpp"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cmath>
#include <cstdint>

// What each thread of a kernel does. Apart from the launches, so that the arithmetic is tested where there is
// no GPU: a C++ compiler reads it too.
namespace embedd::model::kernels {

constexpr int warp = 32;
constexpr int rows_a_block = 4; // a warp each
constexpr int vector = 4;       // numbers a lane reads at once: with a warp's lanes, 128
constexpr unsigned all_lanes = 0xffffffffU;

__device__ inline float to_float(float value)
{
    return value;
}
__device__ inline float to_float(__nv_bfloat16 value)
{
    return __bfloat162float(value);
}
__device__ inline float to_float(__half value)
{
    return __half2float(value);
}

template <class Number>
__device__ Number from_float(float value);
template <>
__device__ inline float from_float<float>(float value)
{
    return value;
}
template <>
__device__ inline __nv_bfloat16 from_float<__nv_bfloat16>(float value)
{
    return __float2bfloat16_rn(value);
}
template <>
__device__ inline __half from_float<__half>(float value)
{
    return __float2half_rn(value);
}

// As many numbers as one load or store moves.
template <class Number, int Count>
struct alignas(sizeof(Number) * Count) Pack {
    Number numbers[Count];
};

// The numbers of one row that a lane of its warp holds: Steps times `vector`, side by side, in float32.
template <int Steps>
struct RowPart {
    float numbers[Steps * vector];

    template <class Number>
    __device__ void add(const Number* row, int lane)
    {
#pragma unroll
        for (int step = 0; step < Steps; ++step) {
            const auto pack = reinterpret_cast<const Pack<Number, vector>*>(row)[step * warp + lane];
#pragma unroll
            for (int i = 0; i < vector; ++i)
                numbers[step * vector + i] += to_float(pack.numbers[i]);
        }
    }

    template <class Number>
    __device__ void store(Number* row, int lane) const
    {
#pragma unroll
        for (int step = 0; step < Steps; ++step) {
            Pack<Number, vector> pack;
#pragma unroll
            for (int i = 0; i < vector; ++i)
                pack.numbers[i] = from_float<Number>(numbers[step * vector + i]);
            reinterpret_cast<Pack<Number, vector>*>(row)[step * warp + lane] = pack;
        }
    }

    // Mean and variance of the whole row in two passes over registers, which loses nothing to cancellation.
    __device__ void normalise(const Norm& norm, int lane)
    {
        constexpr float width = Steps * vector * warp;
        float sum = 0;
#pragma unroll
        for (const float number : numbers)
            sum += number;
        const float mean = sum_of_warp(sum) / width;
        float squares = 0;
#pragma unroll
        for (const float number : numbers)
            squares += (number - mean) * (number - mean);
        const float scale = rsqrtf(sum_of_warp(squares) / width + norm.epsilon);
#pragma unroll
        for (int step = 0; step < Steps; ++step) {
            const int place = step * warp + lane;
            const auto gain = reinterpret_cast<const Pack<float, vector>*>(norm.gain)[place];
            const auto bias = reinterpret_cast<const Pack<float, vector>*>(norm.bias)[place];
#pragma unroll
            for (int i = 0; i < vector; ++i) {
                auto& number = numbers[step * vector + i];
                number = (number - mean) * scale * gain.numbers[i] + bias.numbers[i];
            }
        }
    }

private:
    static __device__ float sum_of_warp(float value)
    {
#pragma unroll
        for (int distance = warp / 2; distance > 0; distance /= 2)
            value += __shfl_xor_sync(all_lanes, value, distance);
        return value;
    }
};

__device__ inline std::int64_t row_of_warp()
{
    return static_cast<std::int64_t>(blockIdx.x) * rows_a_block + threadIdx.y;
}

template <class Number, int Steps>
__global__ void embed_rows(const Number* words, const Number* positions, const Number* types,
                           const std::int32_t* ids, const std::int32_t* places, const std::int32_t* type_ids,
                           Norm norm, Number* rows, std::int64_t count)
{
    constexpr std::int64_t width = Steps * vector * warp;
    const auto row = row_of_warp();
    if (row >= count)
        return;
    const int lane = static_cast<int>(threadIdx.x);
    RowPart<Steps> part{};
    part.add(words + ids[row] * width, lane);
    part.add(positions + places[row] * width, lane);
    part.add(types + type_ids[row] * width, lane);
    part.normalise(norm, lane);
    part.store(rows + row * width, lane);
}

template <class Number, int Steps>
__global__ void add_and_norm_rows(Number* rows, const Number* added, const float* bias, Norm norm,
                                  std::int64_t count)
{
    constexpr std::int64_t width = Steps * vector * warp;
    const auto row = row_of_warp();
    if (row >= count)
        return;
    const int lane = static_cast<int>(threadIdx.x);
    RowPart<Steps> part{};
    part.add(rows + row * width, lane);
    part.add(added + row * width, lane);
    part.add(bias, lane);
    part.normalise(norm, lane);
    part.store(rows + row * width, lane);
}

constexpr int gelu_pack = 8;
constexpr int gelu_threads = 256;

template <class Number>
__global__ void add_and_gelu_packs(Number* rows, const float* bias, unsigned packs, unsigned packs_a_row)
{
    const auto index = blockIdx.x * gelu_threads + threadIdx.x;
    if (index >= packs)
        return;
    auto& place = reinterpret_cast<Pack<Number, gelu_pack>*>(rows)[index];
    const auto add = reinterpret_cast<const Pack<float, gelu_pack>*>(bias)[index % packs_a_row];
    auto pack = place;
#pragma unroll
    for (int i = 0; i < gelu_pack; ++i) {
        constexpr float sqrt_half = 0.70710678118654752440F;
        const float x = to_float(pack.numbers[i]) + add.numbers[i];
        pack.numbers[i] = from_float<Number>(0.5F * x * (1 + erff(x * sqrt_half)));
    }
    place = pack;
}

constexpr int pool_pack = 2;
constexpr int pool_threads = 128;

// A thread for each two columns of an input; rows are read four at a time, so that their loads overlap.
template <class Number>
__global__ void pool_rows(Pooling pooling, const Number* rows, const std::int32_t* offsets, float* vectors,
                          int packs_a_row)
{
    const auto column = static_cast<int>(blockIdx.y * pool_threads + threadIdx.x);
    if (column >= packs_a_row)
        return;
    const std::int64_t begin = offsets[blockIdx.x];
    const std::int64_t end = offsets[blockIdx.x + 1];
    const auto* packs = reinterpret_cast<const Pack<Number, pool_pack>*>(rows);
    const bool largest = pooling == Pooling::max;
    const auto last = pooling == Pooling::cls ? (begin < end ? begin + 1 : end) : end;
    float result[pool_pack];
#pragma unroll
    for (float& number : result)
        number = largest && begin < end ? -INFINITY : 0;
#pragma unroll 4
    for (auto row = begin; row < last; ++row) {
        const auto pack = packs[row * packs_a_row + column];
#pragma unroll
        for (int i = 0; i < pool_pack; ++i) {
            const float number = to_float(pack.numbers[i]);
            // NaN must come out, so that the daemon sees it: fmaxf would drop it.
            const bool taken = number > result[i] || number != number;
            result[i] = !largest ? result[i] + number : taken ? number : result[i];
        }
    }
    const auto length = static_cast<float>(end > begin ? end - begin : 1);
    const float share = pooling == Pooling::mean            ? 1 / length
                        : pooling == Pooling::mean_sqrt_len ? rsqrtf(length)
                                                            : 1;
    Pack<float, pool_pack> pack;
#pragma unroll
    for (int i = 0; i < pool_pack; ++i)
        pack.numbers[i] = result[i] * share;
    reinterpret_cast<Pack<float, pool_pack>*>(
        vectors)[static_cast<std::int64_t>(blockIdx.x) * packs_a_row + column] = pack;
}

inline unsigned blocks_for(std::int64_t count, std::int64_t a_block)
{
    return static_cast<unsigned>((count + a_block - 1) / a_block);
}

} // namespace embedd::model::kernels
