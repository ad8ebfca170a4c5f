#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace embedd::model {

// What a network's numbers are kept in.
enum class Dtype : std::uint8_t { float32, bfloat16, float16 };

[[nodiscard]] const char* name_of(Dtype dtype);
[[nodiscard]] std::optional<Dtype> dtype_named(std::string_view name);

} // namespace embedd::model
