#pragma once

#include "model/checkpoint.hpp"
#include "model/config.hpp"
#include "model/linear.hpp"
#include "model/row_kernels.hpp"

#include <cstddef>
#include <vector>

namespace embedd::model {

struct NormWeights {
    std::vector<float> gain, bias;

    [[nodiscard]] LayerNorm with(float epsilon) const
    {
        return {gain.data(), bias.data(), gain.size(), epsilon};
    }
};

struct EncoderLayer {
    Linear projection; // queries, keys and values side by side
    Linear attended;
    NormWeights attended_norm;
    Linear intermediate;
    Linear output;
    NormWeights output_norm;
};

struct BertWeights {
    at::Tensor words;                    // vocabulary x hidden, in the network's dtype
    std::vector<float> positions, types; // rows of hidden
    NormWeights embedding_norm;
    std::vector<EncoderLayer> layers;

    [[nodiscard]] std::size_t bytes() const;
};

[[nodiscard]] Result<BertWeights> read_weights(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                                               const LoadProgress& progress);

} // namespace embedd::model
