#pragma once

#include "ipc/request.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace embedd::daemon {

// How a client wants its vectors.
struct VectorFormat {
    std::uint64_t dims = 0; // at most the model's: Matryoshka models keep their meaning when cut
    bool normalize = false; // after the cut
    ipc::VectorType type = ipc::VectorType::float32;
};

// `rows` holds vectors of model_dims numbers, one after the other. The bytes are the payload of the answer,
// little-endian:
//   float16, bfloat16   rounded to nearest even
//   int8                each vector scaled so that its largest magnitude is 127: cosines are kept, lengths
//                       are not
//   ubinary             a bit a number, 1 where it is above 0, the first number in the highest bit
[[nodiscard]] std::vector<std::byte> format_vectors(std::span<const float> rows, std::uint64_t model_dims,
                                                    const VectorFormat&);

[[nodiscard]] std::uint16_t to_float16(float value) noexcept;
[[nodiscard]] std::uint16_t to_bfloat16(float value) noexcept;

} // namespace embedd::daemon
