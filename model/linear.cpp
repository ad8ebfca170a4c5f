#include "model/linear.hpp"

#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/Scalar.h>

#include <optional>
#include <string_view>

namespace embedd::model {
namespace {

using Reorder = at::Tensor(const at::Tensor&, std::optional<std::int64_t>);
using Pointwise = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                             std::string_view, c10::List<std::optional<at::Scalar>>,
                             std::optional<std::string_view>);

// The row count that the weights' order is chosen for; others run at the same rate.
constexpr std::int64_t typical_rows = 512;

template <class Signature>
c10::TypedOperatorHandle<Signature> operation(const char* name)
{
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

at::Tensor copied(std::span<const float> numbers, at::IntArrayRef shape, Dtype dtype)
{
    const auto view = at::from_blob(const_cast<float*>(numbers.data()), shape, at::kFloat);
    return view.to(scalar_type(dtype), /*non_blocking=*/false, /*copy=*/true);
}

} // namespace

at::ScalarType scalar_type(Dtype dtype)
{
    return dtype == Dtype::bfloat16 ? at::kBFloat16 : at::kFloat;
}

Linear::Linear(std::span<const float> weights, std::span<const float> bias, std::int64_t inputs, Dtype dtype,
               Activation activation)
    : bias_(copied(bias, {static_cast<std::int64_t>(bias.size())}, dtype)), inputs_(inputs),
      outputs_(static_cast<std::int64_t>(bias.size())), activation_(activation)
{
    const auto plain = copied(weights, {outputs_, inputs_}, dtype);
    static const auto reorder = operation<Reorder>("mkldnn::_reorder_linear_weight");
    weights_ = reorder.call(plain, typical_rows);
}

at::Tensor Linear::operator()(const at::Tensor& rows) const
{
    static const auto pointwise = operation<Pointwise>("mkldnn::_linear_pointwise");
    const bool gelu = activation_ == Activation::gelu;
    return pointwise.call(rows, weights_, bias_, gelu ? "gelu" : "none",
                          c10::List<std::optional<at::Scalar>>(),
                          gelu ? std::optional<std::string_view>("none") : std::nullopt);
}

std::size_t Linear::bytes() const
{
    return static_cast<std::size_t>((inputs_ + 1) * outputs_) * bias_.element_size();
}

} // namespace embedd::model
