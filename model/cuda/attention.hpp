#pragma once

#include "model/cuda/batch.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace embedd::model {

// Attention within each input. `projected` has a row of queries, keys and values, side by side, for each row
// of the batch; they are read from there as they lie. Returns rows x hidden; rows of no input are not
// written.
[[nodiscard]] at::Tensor attend(const at::Tensor& projected, const CudaBatch& batch, std::int64_t heads);

} // namespace embedd::model
