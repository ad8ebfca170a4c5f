#pragma once

#include "bench/flops.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace embedd::bench {

// The rate of matrix products this machine reaches at the model's own shapes, all lanes at once, as
// embedd-worker measures it: only the worker links libtorch.
struct Ceiling {
    EncoderShape shape;
    std::string dtype;
    std::uint64_t threads = 0;
    double gflops = 0;
};

// Throws std::runtime_error when the worker cannot be asked.
[[nodiscard]] Ceiling measure_ceiling(const std::filesystem::path& worker, const std::string& model,
                                      const std::string& dtype);

[[nodiscard]] nlohmann::json to_json(const Ceiling&);

} // namespace embedd::bench
