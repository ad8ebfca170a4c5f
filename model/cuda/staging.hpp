#pragma once

#include "model/cuda/batch.hpp"
#include "model/cuda/pinned.hpp"
#include "model/packed_batch.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace embedd::model {

// Sizes of a batch as it lies on the device: at least the batch's own.
struct StagedShape {
    std::int64_t rows = 0, inputs = 0, longest = 0;
};

// The way of one lane's batches to the device: what the network reads is put together in pinned memory and
// travels in one copy, always to the same place, so that captured graphs find it there. Used again once the
// stream has passed what was started with it. One thread at a time.
class Staging {
public:
    Staging(std::int64_t most_rows, at::Device device);

    // The batch, enlarged to the shape, on its way on `stream`.
    [[nodiscard]] CudaBatch send(const PackedBatch& batch, const StagedShape& shape, cudaStream_t stream);

    // A batch of this shape without tokens, for capturing and warming.
    [[nodiscard]] CudaBatch send_empty(const StagedShape& shape, cudaStream_t stream);

private:
    // Where the parts lie, in host and device memory alike.
    struct Parts {
        std::span<std::int32_t> ids, places, type_ids, inputs, offsets;
    };
    [[nodiscard]] Parts parts_of(const StagedShape& shape) const;
    [[nodiscard]] CudaBatch copy(const StagedShape& shape, cudaStream_t stream);

    Pinned<std::int32_t> host_;
    at::Tensor device_;
};

} // namespace embedd::model
