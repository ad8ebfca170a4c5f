#include "model/network.hpp"

#include "model/attention.hpp"
#include "model/processor.hpp"
#include "model/weights.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace embedd::model {
namespace {

// The only place that sees what libtorch throws.
template <class Work>
std::invoke_result_t<Work> guarded(Work&& work)
{
    const auto first_line = [](std::string text) { return text.substr(0, text.find('\n')); };
    try {
        return std::forward<Work>(work)();
    } catch (const c10::Error& error) {
        const std::string what = first_line(error.what_without_backtrace());
        const bool memory = what.find("allocate memory") != std::string::npos;
        return Failure{memory ? Errc::out_of_memory : Errc::internal, what};
    } catch (const std::bad_alloc&) {
        return Failure{Errc::out_of_memory, "out of memory"};
    } catch (const std::exception& error) {
        return Failure{Errc::internal, first_line(error.what())};
    }
}

template <class Number>
Number* numbers_of(const at::Tensor& tensor)
{
    return static_cast<Number*>(tensor.mutable_data_ptr());
}

template <class Number>
void embed(const PackedBatch& batch, const BertWeights& weights, const LayerNorm& norm,
           const at::Tensor& rows)
{
    const auto& kernels = row_kernels<Number>();
    const auto* words = static_cast<const Number*>(weights.words.const_data_ptr());
    for (std::size_t input = 0; input + 1 < batch.offsets.size(); ++input) {
        const auto begin = static_cast<std::size_t>(batch.offsets[input]);
        const auto end = static_cast<std::size_t>(batch.offsets[input + 1]);
        for (auto row = begin; row < end; ++row) {
            const auto word = static_cast<std::size_t>(batch.ids[row]) * norm.width;
            const auto type =
                batch.type_ids.empty() ? 0 : static_cast<std::size_t>(batch.type_ids[row]) * norm.width;
            kernels.embed(words + word, weights.positions.data() + (row - begin) * norm.width,
                          weights.types.data() + type, norm, numbers_of<Number>(rows) + row * norm.width);
        }
    }
}

template <class Number>
void run(const PackedBatch& batch, std::int64_t rung, const ModelConfig& config, const BertWeights& weights,
         std::span<float> out)
{
    const auto& kernels = row_kernels<Number>();
    const auto width = static_cast<std::size_t>(config.hidden_size);
    const auto used = batch.ids.size();
    const auto options = weights.words.options();

    // Rows between the batch and its rung are computed by the linear layers and read by nobody: zeros keep
    // slow numbers out of them.
    auto rows = at::empty({rung, config.hidden_size}, options);
    auto attended = at::empty({rung, config.hidden_size}, options);
    std::fill(numbers_of<Number>(rows) + used * width, numbers_of<Number>(rows) + rows.numel(), Number{});
    std::fill(numbers_of<Number>(attended) + used * width, numbers_of<Number>(attended) + rows.numel(),
              Number{});

    embed<Number>(batch, weights, weights.embedding_norm.with(config.layer_norm_eps), rows);
    for (const auto& layer : weights.layers) {
        attend(layer.projection(rows), batch.offsets, config.heads, attended);
        const auto mixed = layer.attended(attended);
        kernels.add_and_norm(numbers_of<Number>(mixed), numbers_of<Number>(rows), used,
                             layer.attended_norm.with(config.layer_norm_eps));
        const auto output = layer.output(layer.intermediate(rows));
        kernels.add_and_norm(numbers_of<Number>(output), numbers_of<Number>(rows), used,
                             layer.output_norm.with(config.layer_norm_eps));
    }
    for (std::size_t input = 0; input + 1 < batch.offsets.size(); ++input) {
        const auto begin = static_cast<std::size_t>(batch.offsets[input]);
        const auto end = static_cast<std::size_t>(batch.offsets[input + 1]);
        kernels.pool(numbers_of<Number>(rows) + begin * width, end - begin, width, config.pooling,
                     out.data() + input * width);
    }
}

} // namespace

Dtype best_dtype()
{
    return has_avx512_bfloat16() ? Dtype::bfloat16 : Dtype::float32;
}

void prepare_lane()
{
    at::set_num_threads(1);
}

struct Network::Body {
    ModelConfig config;
    Dtype dtype;
    BertWeights weights;
};

Network::Network(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::load(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                              const LoadProgress& progress)
{
    return guarded([&]() -> Result<Network> {
        const c10::InferenceMode inference;
        auto weights = read_weights(config, checkpoint, dtype, progress);
        if (!weights)
            return weights.error();
        return Network{std::make_unique<Body>(Body{config, dtype, std::move(*weights)})};
    });
}

Result<void> Network::forward(const PackedBatch& batch, std::int64_t rung, std::span<float> out) const
{
    if (auto sound = check(batch, rung, out.size(), body_->config); !sound)
        return sound;
    return guarded([&]() -> Result<void> {
        const c10::InferenceMode inference;
        if (body_->dtype == Dtype::bfloat16)
            run<Bfloat16>(batch, rung, body_->config, body_->weights, out);
        else
            run<float>(batch, rung, body_->config, body_->weights, out);
        return {};
    });
}

Result<void> Network::touch(std::int64_t rung) const
{
    return guarded([&]() -> Result<void> {
        const c10::InferenceMode inference;
        const auto& layer = body_->weights.layers.front();
        const auto rows = at::zeros({rung, dimensions()}, body_->weights.words.options());
        (void)layer.projection(rows);
        (void)layer.attended(rows);
        (void)layer.output(layer.intermediate(rows));
        return {};
    });
}

std::int64_t Network::dimensions() const
{
    return body_->config.hidden_size;
}

std::size_t Network::weights_bytes() const
{
    return body_->weights.bytes();
}

} // namespace embedd::model
