// The kernels as kernels.cu starts them, on the emulated GPU: in float32, for rows of 384 numbers.
#include "tests/cuda/emulated_gpu.hpp"

#include "model/cuda/row_kernels.cuh"

namespace embedd::model::kernels {

namespace {

constexpr int steps = 3;

} // namespace

bool take(std::int64_t width)
{
    return width == steps * vector * warp;
}

void embed(RowType, const Tables& tables, const std::int32_t* ids, const std::int32_t* places,
           const std::int32_t* type_ids, const Norm& norm, void* rows, std::int64_t count, std::int64_t,
           cudaStream_t)
{
    tests::run_warps(blocks_for(count, rows_a_block), rows_a_block, [&] {
        embed_rows<float, steps>(static_cast<const float*>(tables.words),
                                 static_cast<const float*>(tables.positions),
                                 static_cast<const float*>(tables.types), ids, places, type_ids, norm,
                                 static_cast<float*>(rows), count);
    });
}

void add_and_norm(RowType, void* rows, const void* added, const float* bias, const Norm& norm,
                  std::int64_t count, std::int64_t, cudaStream_t)
{
    tests::run_warps(blocks_for(count, rows_a_block), rows_a_block, [&] {
        add_and_norm_rows<float, steps>(static_cast<float*>(rows), static_cast<const float*>(added), bias,
                                        norm, count);
    });
}

void add_and_gelu(RowType, void* rows, const float* bias, std::int64_t count, std::int64_t width,
                  cudaStream_t)
{
    const auto packs = static_cast<unsigned>(count * width / gelu_pack);
    tests::run_threads({blocks_for(packs, gelu_threads), 1, 1}, gelu_threads, [&] {
        add_and_gelu_packs<float>(static_cast<float*>(rows), bias, packs,
                                  static_cast<unsigned>(width / gelu_pack));
    });
}

void pool(RowType, Pooling pooling, const void* rows, const std::int32_t* offsets, float* vectors,
          std::int64_t inputs, std::int64_t width, cudaStream_t)
{
    const auto packs = static_cast<int>(width / pool_pack);
    tests::run_threads(
        {static_cast<unsigned>(inputs), blocks_for(packs, pool_threads), 1}, pool_threads,
        [&] { pool_rows<float>(pooling, static_cast<const float*>(rows), offsets, vectors, packs); });
}

} // namespace embedd::model::kernels
