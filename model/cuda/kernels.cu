#include "model/cuda/row_kernels.cuh"

#include <type_traits>
#include <utility>

namespace embedd::model::kernels {

namespace {

// Calls `launch` with a null pointer to the type of the rows' numbers.
template <class Launch>
void with_type(RowType type, const Launch& launch)
{
    switch (type) {
    case RowType::float32:
        return launch(static_cast<float*>(nullptr));
    case RowType::bfloat16:
        return launch(static_cast<__nv_bfloat16*>(nullptr));
    case RowType::float16:
        return launch(static_cast<__half*>(nullptr));
    }
}

template <int Value>
struct Steps {
    static constexpr int value = Value;
};

constexpr int most_steps = 8;

// Calls `launch` with the number of steps a warp takes through a row.
template <class Launch, int... Before>
void with_steps(std::int64_t width, const Launch& launch, std::integer_sequence<int, Before...>)
{
    const auto wanted = width / (vector * warp);
    (void)((wanted == Before + 1 && (launch(Steps<Before + 1>{}), true)) || ...);
}

template <class Launch>
void with_steps(std::int64_t width, const Launch& launch)
{
    with_steps(width, launch, std::make_integer_sequence<int, most_steps>{});
}

} // namespace

bool take(std::int64_t width)
{
    return width > 0 && width % (vector * warp) == 0 && width / (vector * warp) <= most_steps;
}

void embed(RowType type, const Tables& tables, const std::int32_t* ids, const std::int32_t* places,
           const std::int32_t* type_ids, const Norm& norm, void* rows, std::int64_t count, std::int64_t width,
           cudaStream_t stream)
{
    const dim3 block(warp, rows_a_block);
    with_type(type, [&](auto* number) {
        using Number = std::remove_pointer_t<decltype(number)>;
        with_steps(width, [&](auto steps) {
            embed_rows<Number, decltype(steps)::value><<<blocks_for(count, rows_a_block), block, 0, stream>>>(
                static_cast<const Number*>(tables.words), static_cast<const Number*>(tables.positions),
                static_cast<const Number*>(tables.types), ids, places, type_ids, norm,
                static_cast<Number*>(rows), count);
        });
    });
}

void add_and_norm(RowType type, void* rows, const void* added, const float* bias, const Norm& norm,
                  std::int64_t count, std::int64_t width, cudaStream_t stream)
{
    const dim3 block(warp, rows_a_block);
    with_type(type, [&](auto* number) {
        using Number = std::remove_pointer_t<decltype(number)>;
        with_steps(width, [&](auto steps) {
            add_and_norm_rows<Number, decltype(steps)::value>
                <<<blocks_for(count, rows_a_block), block, 0, stream>>>(
                    static_cast<Number*>(rows), static_cast<const Number*>(added), bias, norm, count);
        });
    });
}

void add_and_gelu(RowType type, void* rows, const float* bias, std::int64_t count, std::int64_t width,
                  cudaStream_t stream)
{
    // In 32 bits, whose remainder takes a third of the time: so many packs are 64 GiB.
    const auto packs = static_cast<unsigned>(count * width / gelu_pack);
    with_type(type, [&](auto* number) {
        using Number = std::remove_pointer_t<decltype(number)>;
        add_and_gelu_packs<Number><<<blocks_for(packs, gelu_threads), gelu_threads, 0, stream>>>(
            static_cast<Number*>(rows), bias, packs, static_cast<unsigned>(width / gelu_pack));
    });
}

void pool(RowType type, Pooling pooling, const void* rows, const std::int32_t* offsets, float* vectors,
          std::int64_t inputs, std::int64_t width, cudaStream_t stream)
{
    const auto packs = static_cast<int>(width / pool_pack);
    const dim3 grid(static_cast<unsigned>(inputs), blocks_for(packs, pool_threads));
    with_type(type, [&](auto* number) {
        using Number = std::remove_pointer_t<decltype(number)>;
        pool_rows<Number><<<grid, pool_threads, 0, stream>>>(pooling, static_cast<const Number*>(rows),
                                                             offsets, vectors, packs);
    });
}

} // namespace embedd::model::kernels
