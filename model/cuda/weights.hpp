#pragma once

#include "model/checkpoint.hpp"
#include "model/config.hpp"
#include "model/cuda/kernels.hpp"
#include "model/dtype.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace embedd::model {

// All in the device's memory. Weights of linear layers are outputs x inputs in the network's dtype.
struct CudaLinear {
    at::Tensor weight, bias;
    at::Tensor wide_bias; // the same in float32, for our kernels
};

struct CudaNorm {
    at::Tensor gain, bias;           // in the network's dtype, for ATen
    at::Tensor wide_gain, wide_bias; // in float32, for our kernels

    [[nodiscard]] kernels::Norm with(float epsilon) const
    {
        return {wide_gain.const_data_ptr<float>(), wide_bias.const_data_ptr<float>(), epsilon};
    }
};

struct CudaLayer {
    CudaLinear projection; // queries, keys and values side by side
    CudaLinear attended;
    CudaNorm attended_norm;
    CudaLinear intermediate, output;
    CudaNorm output_norm;
};

struct CudaWeights {
    at::Tensor words, positions, types; // rows of hidden
    CudaNorm embedding_norm;
    std::vector<CudaLayer> layers;
    std::uint64_t bytes = 0; // of all tensors
};

[[nodiscard]] at::ScalarType scalar_type(Dtype dtype);

// On the current device.
[[nodiscard]] Result<CudaWeights> read_cuda_weights(const ModelConfig& config, Checkpoint& checkpoint,
                                                    Dtype dtype, const LoadProgress& progress);

} // namespace embedd::model
