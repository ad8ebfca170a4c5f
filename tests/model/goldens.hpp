#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace embedd::model::testing {

// Token ids and the vectors that sentence-transformers gives for them, as make_goldens.py wrote them.
struct Goldens {
    std::vector<std::vector<std::int32_t>> ids;
    std::vector<std::vector<float>> vectors;
};

[[nodiscard]] Goldens read_goldens(const std::string& name);

[[nodiscard]] double cosine(std::span<const float> a, std::span<const float> b);

} // namespace embedd::model::testing
