#include "model/cuda/network.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_efficient_attention_forward.h>
#include <ATen/ops/_flash_attention_forward.h>
#include <ATen/ops/add.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <c10/cuda/CUDAException.h>

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace embedd::model {

namespace {

cudaStream_t current_stream()
{
    return c10::cuda::getCurrentCUDAStream().stream();
}

// What our kernels could not be started with.
void check_launch()
{
    C10_CUDA_CHECK(::cudaGetLastError());
}

at::Tensor normed(const at::Tensor& rows, const CudaNorm& norm, float epsilon)
{
    return at::layer_norm(rows, {rows.size(1)}, norm.gain, norm.bias, epsilon);
}

const std::int32_t* numbers_of(const at::Tensor& tensor)
{
    return tensor.const_data_ptr<std::int32_t>();
}

} // namespace

CudaNetwork::CudaNetwork(const ModelConfig& config, CudaWeights weights, Dtype dtype, bool fused)
    : config_(config), weights_(std::move(weights)), dtype_(dtype),
      fused_(fused && kernels::take(config.hidden_size) && config.intermediate_size % 8 == 0)
{
}

at::Tensor CudaNetwork::forward(const CudaBatch& batch) const
{
    auto rows = embed(batch);
    for (const auto& layer : weights_.layers)
        rows = apply(layer, std::move(rows), batch);
    return pool(rows, batch);
}

at::Tensor CudaNetwork::embed(const CudaBatch& batch) const
{
    if (!fused_) {
        const auto sum = at::embedding(weights_.words, batch.ids) +
                         at::embedding(weights_.positions, batch.places) +
                         at::embedding(weights_.types, batch.type_ids);
        return normed(sum, weights_.embedding_norm, config_.layer_norm_eps);
    }
    auto rows = at::empty({batch.rows(), config_.hidden_size}, weights_.words.options());
    kernels::embed(row_type(dtype_),
                   {weights_.words.const_data_ptr(), weights_.positions.const_data_ptr(),
                    weights_.types.const_data_ptr()},
                   numbers_of(batch.ids), numbers_of(batch.places), numbers_of(batch.type_ids),
                   weights_.embedding_norm.with(config_.layer_norm_eps), rows.mutable_data_ptr(),
                   batch.rows(), config_.hidden_size, current_stream());
    check_launch();
    return rows;
}

at::Tensor CudaNetwork::apply(const CudaLayer& layer, at::Tensor rows, const CudaBatch& batch) const
{
    const auto projected = at::linear(rows, layer.projection.weight, layer.projection.bias);
    rows = add_and_norm(std::move(rows), attend(projected, batch), layer.attended, layer.attended_norm);
    if (!fused_) {
        const auto wide = at::gelu(at::linear(rows, layer.intermediate.weight, layer.intermediate.bias));
        return add_and_norm(std::move(rows), wide, layer.output, layer.output_norm);
    }
    const auto wide = at::mm(rows, layer.intermediate.weight.t());
    kernels::add_and_gelu(row_type(dtype_), wide.mutable_data_ptr(),
                          layer.intermediate.wide_bias.const_data_ptr<float>(), batch.rows(),
                          config_.intermediate_size, current_stream());
    check_launch();
    return add_and_norm(std::move(rows), wide, layer.output, layer.output_norm);
}

// norm(rows + linear(inputs))
at::Tensor CudaNetwork::add_and_norm(at::Tensor rows, const at::Tensor& inputs, const CudaLinear& linear,
                                     const CudaNorm& norm) const
{
    if (!fused_)
        return normed(rows + at::linear(inputs, linear.weight, linear.bias), norm, config_.layer_norm_eps);
    const auto added = at::mm(inputs, linear.weight.t());
    kernels::add_and_norm(row_type(dtype_), rows.mutable_data_ptr(), added.const_data_ptr(),
                          linear.wide_bias.const_data_ptr<float>(), norm.with(config_.layer_norm_eps),
                          rows.size(0), config_.hidden_size, current_stream());
    check_launch();
    return rows;
}

// Straight from the projection, whose rows hold queries, keys and values side by side. Rows of no input are
// not written.
at::Tensor CudaNetwork::attend(const at::Tensor& projected, const CudaBatch& batch) const
{
    const auto rows = batch.rows();
    const auto width = config_.head_size();
    const auto parts = projected.view({rows, 3, config_.heads, width});
    const auto query = parts.select(1, 0);
    const auto key = parts.select(1, 1);
    const auto value = parts.select(1, 2);
    const double scale = 1 / std::sqrt(static_cast<double>(width));
    // FlashAttention-2 (Dao 2023), which libtorch has for half precision and heads of whole eights.
    const bool flash = dtype_ != Dtype::float32 && width % 8 == 0 && width <= 256;
    const auto attended =
        flash ? std::get<0>(at::_flash_attention_forward(query, key, value, batch.offsets, batch.offsets,
                                                         batch.longest, batch.longest, /*dropout_p=*/0.0,
                                                         /*is_causal=*/false, /*return_debug_mask=*/false,
                                                         std::optional<double>{scale}))
              : std::get<0>(at::_efficient_attention_forward(
                    query.unsqueeze(0), key.unsqueeze(0), value.unsqueeze(0), /*bias=*/{}, batch.offsets,
                    batch.offsets, batch.longest, batch.longest, /*dropout_p=*/0.0, /*custom_mask_type=*/0,
                    /*compute_log_sumexp=*/false, std::optional<double>{scale}));
    return attended.reshape({rows, config_.hidden_size});
}

at::Tensor CudaNetwork::pool(const at::Tensor& rows, const CudaBatch& batch) const
{
    const auto width = config_.hidden_size;
    const auto options = rows.options().dtype(at::kFloat);
    if (fused_) {
        auto vectors = at::empty({batch.count(), width}, options);
        kernels::pool(row_type(dtype_), config_.pooling, rows.const_data_ptr(), numbers_of(batch.offsets),
                      vectors.mutable_data_ptr<float>(), batch.count(), width, current_stream());
        check_launch();
        return vectors;
    }
    const auto begins = batch.offsets.narrow(0, 0, batch.count());
    if (config_.pooling == Pooling::cls) // an empty input at the end of a full batch begins beyond its rows
        return rows.index_select(0, begins.clamp_max(rows.size(0) - 1)).to(at::kFloat);
    const auto wide = rows.to(at::kFloat);
    const bool largest = config_.pooling == Pooling::max;
    // One row more takes what belongs to no input.
    auto vectors = at::full({batch.count() + 1, width},
                            largest ? -std::numeric_limits<double>::infinity() : 0.0, options);
    const auto inputs = batch.inputs.to(at::kLong);
    if (largest)
        return vectors.index_reduce_(0, inputs, wide, "amax").narrow(0, 0, batch.count());
    const auto sums = vectors.index_add_(0, inputs, wide).narrow(0, 0, batch.count());
    const auto lengths =
        (batch.offsets.narrow(0, 1, batch.count()) - begins).clamp_min(1).to(at::kFloat).unsqueeze(1);
    return config_.pooling == Pooling::mean ? sums / lengths : sums / lengths.sqrt();
}

} // namespace embedd::model
