#include "model/cuda/staging.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>

namespace embedd::model {

namespace {

constexpr std::int64_t row_parts = 4; // ids, places, type ids, inputs

// As many offsets as rows, and one more, are the most there can be.
std::int64_t numbers_for(std::int64_t rows, std::int64_t inputs)
{
    return row_parts * rows + inputs + 1;
}

} // namespace

Staging::Staging(std::int64_t most_rows, at::Device device)
    : host_(static_cast<std::size_t>(numbers_for(most_rows, most_rows))),
      device_(
          at::empty({numbers_for(most_rows, most_rows)}, at::TensorOptions().device(device).dtype(at::kInt)))
{
}

Staging::Parts Staging::parts_of(const StagedShape& shape) const
{
    const auto rows = static_cast<std::size_t>(shape.rows);
    const auto all = host_.span();
    return {.ids = all.subspan(0, rows),
            .places = all.subspan(rows, rows),
            .type_ids = all.subspan(2 * rows, rows),
            .inputs = all.subspan(3 * rows, rows),
            .offsets = all.subspan(row_parts * rows, static_cast<std::size_t>(shape.inputs) + 1)};
}

CudaBatch Staging::send(const PackedBatch& batch, const StagedShape& shape, cudaStream_t stream)
{
    const auto parts = parts_of(shape);
    const auto used = batch.ids.size();
    const auto fill_rest = [&](std::span<std::int32_t> part, std::int32_t value) {
        std::ranges::fill(part.subspan(used), value);
    };
    std::ranges::copy(batch.ids, parts.ids.begin());
    fill_rest(parts.ids, 0);
    if (batch.type_ids.empty())
        std::ranges::fill(parts.type_ids.first(used), 0);
    else
        std::ranges::copy(batch.type_ids, parts.type_ids.begin());
    fill_rest(parts.type_ids, 0);
    for (std::size_t input = 0; input < batch.inputs(); ++input) {
        const auto begin = static_cast<std::size_t>(batch.offsets[input]);
        const auto length = static_cast<std::size_t>(batch.offsets[input + 1]) - begin;
        const auto places = parts.places.subspan(begin, length);
        std::iota(places.begin(), places.end(), 0);
        std::ranges::fill(parts.inputs.subspan(begin, length), static_cast<std::int32_t>(input));
    }
    fill_rest(parts.places, 0);
    fill_rest(parts.inputs, static_cast<std::int32_t>(shape.inputs));
    std::ranges::copy(batch.offsets, parts.offsets.begin());
    std::ranges::fill(parts.offsets.subspan(batch.offsets.size()), batch.offsets.back());
    return copy(shape, stream);
}

CudaBatch Staging::send_empty(const StagedShape& shape, cudaStream_t stream)
{
    const auto parts = parts_of(shape);
    for (const auto part : {parts.ids, parts.places, parts.type_ids, parts.offsets})
        std::ranges::fill(part, 0);
    std::ranges::fill(parts.inputs, static_cast<std::int32_t>(shape.inputs));
    return copy(shape, stream);
}

CudaBatch Staging::copy(const StagedShape& shape, cudaStream_t stream)
{
    const auto count = numbers_for(shape.rows, shape.inputs);
    C10_CUDA_CHECK(::cudaMemcpyAsync(device_.mutable_data_ptr(), host_.span().data(),
                                     static_cast<std::size_t>(count) * sizeof(std::int32_t),
                                     cudaMemcpyHostToDevice, stream));
    const auto part = [&](std::int64_t index) { return device_.narrow(0, index * shape.rows, shape.rows); };
    return {.ids = part(0),
            .places = part(1),
            .type_ids = part(2),
            .inputs = part(3),
            .offsets = device_.narrow(0, row_parts * shape.rows, shape.inputs + 1),
            .longest = shape.longest};
}

} // namespace embedd::model
