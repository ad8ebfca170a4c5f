#pragma once

#include "model/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::model {

enum class TensorType : std::uint8_t { float32, float16, bfloat16, other };

struct TensorEntry {
    TensorType type = TensorType::other;
    std::string type_name; // as the file spells it
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0; // bytes of the file
};

using TensorTable = std::map<std::string, TensorEntry, std::less<>>;

inline constexpr std::uint64_t max_safetensors_header_bytes = 100'000'000;
inline constexpr std::size_t max_tensors_in_file = 100'000;

// Bytes of the file's first field, its own length included; refused unless the header fits both the limit and
// the file. `first_field` is the file's first eight bytes.
[[nodiscard]] Result<std::uint64_t> safetensors_data_begin(std::uint64_t first_field,
                                                           std::uint64_t file_bytes);

// Reads a safetensors header. Each tensor's bytes are as many as its shape and type need, and together they
// cover the data without a hole or an overlap. The detail of a failure does not name the file.
[[nodiscard]] Result<TensorTable> parse_safetensors_header(std::string_view json, std::uint64_t data_begin,
                                                           std::uint64_t file_bytes);

} // namespace embedd::model
