#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace embedd::bench {

// The rate of matrix products this machine reaches at the model's own shapes, all lanes at once, and what one
// forward pass needs, both as embedd-worker tells them: only the worker links libtorch.
struct Ceiling {
    std::string dtype;
    std::uint64_t lanes = 0;
    double gflops = 0;
    double linear_per_token = 0;            // multiply and add count as two
    double attention_per_token_squared = 0; // an input of n tokens needs n squared times this

    // Operations of inputs with this many tokens, whose lengths squared sum up to `squares`. Norms, softmax
    // and embeddings are left out, as in the ceiling.
    [[nodiscard]] double operations(std::uint64_t tokens, std::uint64_t squares) const noexcept;
};

// Reads what `embedd-worker --ceiling` prints. Throws nlohmann's exceptions when it is something else.
[[nodiscard]] Ceiling ceiling_from(const nlohmann::json& report);

// Throws std::runtime_error when the worker cannot be asked.
[[nodiscard]] Ceiling measure_ceiling(const std::filesystem::path& worker, const std::string& model,
                                      const std::string& dtype);

} // namespace embedd::bench
