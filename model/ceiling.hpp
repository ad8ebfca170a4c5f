#pragma once

#include "model/config.hpp"
#include "model/network.hpp"

#include <chrono>
#include <cstdint>

namespace embedd::model {

struct Ceiling {
    double gflops; // of all lanes together
};

// The rate at which this machine multiplies matrices of the model's own shapes at `rows` rows, on this many
// single-threaded lanes at once: what a forward pass could reach if it did nothing else.
[[nodiscard]] Ceiling measure_ceiling(const ModelConfig& config, Dtype dtype, int lanes, std::int64_t rows,
                                      std::chrono::milliseconds duration);

} // namespace embedd::model
