#include "model/cuda/attention.hpp"

#include <ATen/ops/_efficient_attention_forward.h>
#include <ATen/ops/_flash_attention_forward.h>

#include <cmath>
#include <optional>
#include <tuple>

namespace embedd::model {

at::Tensor attend(const at::Tensor& projected, const CudaBatch& batch, std::int64_t heads)
{
    const auto rows = batch.rows();
    const auto hidden = projected.size(1) / 3;
    const auto width = hidden / heads;
    const auto parts = projected.view({rows, 3, heads, width});
    const auto query = parts.select(1, 0);
    const auto key = parts.select(1, 1);
    const auto value = parts.select(1, 2);
    const double scale = 1 / std::sqrt(static_cast<double>(width));
    // FlashAttention-2 (Dao 2023), which libtorch has for half precision and heads of whole eights.
    const bool flash = projected.scalar_type() != at::kFloat && width % 8 == 0 && width <= 256;
    const auto attended =
        flash ? std::get<0>(at::_flash_attention_forward(query, key, value, batch.offsets, batch.offsets,
                                                         batch.longest, batch.longest, /*dropout_p=*/0.0,
                                                         /*is_causal=*/false, /*return_debug_mask=*/false,
                                                         std::optional<double>{scale}))
              : std::get<0>(at::_efficient_attention_forward(
                    query.unsqueeze(0), key.unsqueeze(0), value.unsqueeze(0), /*bias=*/{}, batch.offsets,
                    batch.offsets, batch.longest, batch.longest, /*dropout_p=*/0.0, /*custom_mask_type=*/0,
                    /*compute_log_sumexp=*/false, std::optional<double>{scale}));
    return attended.reshape({rows, hidden});
}

} // namespace embedd::model
