#pragma once

#include "model/config.hpp"
#include "model/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace embedd::model {

// Inputs end to end, without padding.
struct PackedBatch {
    std::span<const std::int32_t> ids;
    std::span<const std::int32_t> offsets;  // inputs + 1; the first is 0, the last ids.size()
    std::span<const std::int32_t> type_ids; // as many as ids, or empty: all 0

    [[nodiscard]] std::size_t inputs() const { return offsets.size() - 1; }
};

// Everything a kernel would trust: that the batch's parts agree, that it fits into `rung` rows and `out`
// holds a vector for each input, that lengths, ids and type ids are the model's. An id out of range would
// read beyond a table on a CPU and end a CUDA context for good.
[[nodiscard]] Result<void> check(const PackedBatch& batch, std::int64_t rung, std::size_t out,
                                 const ModelConfig& config);

} // namespace embedd::model
