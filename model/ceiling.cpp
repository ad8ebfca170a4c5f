#include "model/ceiling.hpp"

#include "model/linear.hpp"

#include <ATen/ops/full.h>
#include <c10/core/InferenceMode.h>

#include <barrier>
#include <numeric>
#include <thread>
#include <vector>

namespace embedd::model {
namespace {

using Clock = std::chrono::steady_clock;

// The linear layers of one of the model's layers, with weights that are nobody's.
std::vector<Linear> linears_of(const ModelConfig& config, Dtype dtype)
{
    const auto linear = [&](std::int64_t inputs, std::int64_t outputs, Activation activation) {
        const std::vector<float> weights(static_cast<std::size_t>(inputs * outputs), 0.01F);
        const std::vector<float> bias(static_cast<std::size_t>(outputs));
        return Linear(weights, bias, inputs, dtype, activation);
    };
    std::vector<Linear> linears;
    linears.push_back(linear(config.hidden_size, 3 * config.hidden_size, Activation::none));
    linears.push_back(linear(config.hidden_size, config.hidden_size, Activation::none));
    // Without GELU: the ceiling is of the multiplications alone.
    linears.push_back(linear(config.hidden_size, config.intermediate_size, Activation::none));
    linears.push_back(linear(config.intermediate_size, config.hidden_size, Activation::none));
    return linears;
}

} // namespace

Ceiling measure_ceiling(const ModelConfig& config, Dtype dtype, int lanes, std::int64_t rows,
                        std::chrono::milliseconds duration)
{
    const c10::InferenceMode inference;
    prepare_lane();
    const auto linears = linears_of(config, dtype);
    const auto options = at::TensorOptions().dtype(scalar_type(dtype));
    const auto hidden = at::full({rows, config.hidden_size}, 0.5, options);
    const auto intermediate = at::full({rows, config.intermediate_size}, 0.5, options);
    const auto pass = [&] {
        for (std::size_t step = 0; step + 1 < linears.size(); ++step)
            (void)linears[step](hidden);
        (void)linears.back()(intermediate);
    };
    pass(); // oneDNN's primitives are made here

    std::vector<std::uint64_t> passes(static_cast<std::size_t>(lanes));
    Clock::time_point began;
    std::barrier together(lanes, [&]() noexcept { began = Clock::now(); });
    {
        std::vector<std::jthread> threads;
        for (auto& mine : passes)
            threads.emplace_back([&] {
                const c10::InferenceMode inference_here; // belongs to the thread
                prepare_lane();
                pass();
                together.arrive_and_wait();
                for (; Clock::now() - began < duration; ++mine)
                    pass();
            });
    }
    const std::chrono::duration<double> lasted = Clock::now() - began;

    const auto total = std::accumulate(passes.begin(), passes.end(), std::uint64_t{0});
    const auto operations =
        config.linear_operations_per_token() / static_cast<double>(config.layers) * static_cast<double>(rows);
    return {.gflops = static_cast<double>(total) * operations / lasted.count() / 1e9};
}

} // namespace embedd::model
