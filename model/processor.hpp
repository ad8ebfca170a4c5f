#pragma once

namespace embedd::model {

[[nodiscard]] bool has_avx512();          // F, BW, DQ and VL
[[nodiscard]] bool has_avx512_bfloat16(); // the above and BF16

} // namespace embedd::model
