#include "model/attention.hpp"

#include "model/packed_attention.hpp"
#include "model/processor.hpp"

#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>

#include <tuple>

namespace embedd::model {
namespace {

// `count` neighbours of equal length at once, as inputs x heads x length x head size over the packed rows.
void attend_with_aten(const at::Tensor& projected, std::int64_t begin, std::int64_t count,
                      std::int64_t length, std::int64_t heads, at::Tensor& attended)
{
    const auto hidden = attended.size(1);
    const auto head_size = hidden / heads;
    const auto view = [&](const at::Tensor& rows, std::int64_t column) {
        const auto width = rows.size(1);
        return rows.as_strided({count, heads, length, head_size}, {length * width, head_size, width, 1},
                               begin * width + column);
    };
    const auto result = at::_scaled_dot_product_flash_attention_for_cpu(
        view(projected, 0), view(projected, hidden), view(projected, 2 * hidden));
    view(attended, 0).copy_(std::get<0>(result));
}

bool packed_fits(const at::Tensor& projected, std::int64_t head_size)
{
    return projected.scalar_type() == at::kBFloat16 && head_size % 32 == 0 && head_size <= 128 &&
           has_avx512_bfloat16();
}

} // namespace

void attend(const at::Tensor& projected, std::span<const std::int32_t> offsets, std::int64_t heads,
            at::Tensor& attended)
{
    const auto hidden = attended.size(1);
    if (packed_fits(projected, hidden / heads)) {
        attend_packed({static_cast<const Bfloat16*>(projected.const_data_ptr()),
                       static_cast<Bfloat16*>(attended.mutable_data_ptr()), static_cast<std::size_t>(hidden),
                       static_cast<std::size_t>(heads)},
                      offsets);
        return;
    }
    for (std::size_t first = 0; first + 1 < offsets.size();) {
        const auto length = offsets[first + 1] - offsets[first];
        auto last = first + 1;
        while (last + 1 < offsets.size() && offsets[last + 1] - offsets[last] == length)
            ++last;
        attend_with_aten(projected, offsets[first], static_cast<std::int64_t>(last - first), length, heads,
                         attended);
        first = last;
    }
}

} // namespace embedd::model
