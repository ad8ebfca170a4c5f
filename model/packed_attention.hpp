#pragma once

#include "model/row_kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace embedd::model {

// Rows of a packed batch as attention reads and writes them.
struct PackedRows {
    const Bfloat16* projected; // queries, keys and values side by side: 3 x hidden numbers a row
    Bfloat16* attended;        // hidden numbers a row
    std::size_t hidden;
    std::size_t heads;
};

// Attention within each input, for head sizes that are a multiple of 32, up to 128.
//
// Only where has_avx512_bfloat16(). Nothing is prepared for a length: an unseen one costs no more than a seen
// one.
void attend_packed(const PackedRows& rows, std::span<const std::int32_t> offsets);

} // namespace embedd::model
