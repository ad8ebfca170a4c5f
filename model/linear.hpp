#pragma once

#include "model/network.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace embedd::model {

[[nodiscard]] at::ScalarType scalar_type(Dtype dtype);

enum class Activation : std::uint8_t { none, gelu };

// A linear layer with its weights in oneDNN's own order, and its bias and activation in the same pass.
//
// oneDNN keeps a primitive for each row count it has seen: call with rungs alone.
class Linear {
public:
    Linear(std::span<const float> weights, std::span<const float> bias, std::int64_t inputs, Dtype dtype,
           Activation activation);

    [[nodiscard]] at::Tensor operator()(const at::Tensor& rows) const;
    [[nodiscard]] std::int64_t inputs() const { return inputs_; }
    [[nodiscard]] std::size_t bytes() const;

private:
    at::Tensor weights_, bias_;
    std::int64_t inputs_, outputs_;
    Activation activation_;
};

} // namespace embedd::model
