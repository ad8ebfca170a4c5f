#pragma once

#include "model/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace embedd::model {

// Numbers as a file stores them, made float32. `type` is not other.
void widen(TensorType type, std::span<const std::byte> stored, std::span<float> into);

[[nodiscard]] std::uint64_t bytes_of(TensorType type);

[[nodiscard]] bool all_finite(std::span<const float> numbers);

// Goes on with a 64-bit checksum: eight bytes at a time, each step reversible, so that one flipped bit always
// changes the sum.
[[nodiscard]] std::uint64_t checksum(std::uint64_t sum, std::span<const std::byte> bytes);

} // namespace embedd::model
