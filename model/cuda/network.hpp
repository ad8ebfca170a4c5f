#pragma once

#include "model/config.hpp"
#include "model/cuda/batch.hpp"
#include "model/cuda/weights.hpp"

#include <ATen/core/Tensor.h>
#include <c10/cuda/CUDAStream.h>

#include <cstdint>

namespace embedd::model {

// A BERT encoder with its pooling, as work on the current stream. Nothing waits, nothing is read by the host,
// and what is launched depends on the batch's sizes alone: it can be captured into a CUDA graph.
class CudaNetwork {
public:
    // `fused`: our own kernels between the products, where they take the model's width, else ATen's.
    CudaNetwork(const ModelConfig& config, CudaWeights weights, Dtype dtype, bool fused);

    // inputs x hidden, float32: pooled, not normalised; undefined for an empty input.
    [[nodiscard]] at::Tensor forward(const CudaBatch& batch) const;

    [[nodiscard]] const ModelConfig& config() const { return config_; }
    [[nodiscard]] std::uint64_t weights_bytes() const { return weights_.bytes; }

private:
    [[nodiscard]] at::Tensor embed(const CudaBatch& batch) const;
    [[nodiscard]] at::Tensor apply(const CudaLayer& layer, at::Tensor rows, const CudaBatch& batch) const;
    [[nodiscard]] at::Tensor add_and_norm(at::Tensor rows, const at::Tensor& inputs, const CudaLinear& linear,
                                          const CudaNorm& norm) const;
    [[nodiscard]] at::Tensor pool(const at::Tensor& rows, const CudaBatch& batch) const;

    ModelConfig config_;
    CudaWeights weights_;
    Dtype dtype_;
    bool fused_;
};

} // namespace embedd::model
