#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace embedd::model {

// Attention within each input of a packed batch: `projected` is rows x (3 x hidden), queries, keys and values
// side by side, `attended` rows x hidden. Rows past the last offset are left alone.
void attend(const at::Tensor& projected, std::span<const std::int32_t> offsets, std::int64_t heads,
            at::Tensor& attended);

} // namespace embedd::model
