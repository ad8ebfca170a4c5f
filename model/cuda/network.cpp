#include "model/cuda/network.hpp"

#include "model/cuda/attention.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <c10/cuda/CUDAException.h>

#include <limits>
#include <utility>

namespace embedd::model {

namespace {

RowType row_type(Dtype dtype)
{
    switch (dtype) {
    case Dtype::float32:
        return RowType::float32;
    case Dtype::bfloat16:
        return RowType::bfloat16;
    case Dtype::float16:
        return RowType::float16;
    }
    return RowType::float32;
}

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
    rows = add_and_norm(std::move(rows), attend(projected, batch, config_.heads), layer.attended,
                        layer.attended_norm);
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
