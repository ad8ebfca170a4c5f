#include "model/cuda/ceiling.hpp"

#include "model/cuda/event.hpp"
#include "model/cuda/weights.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <c10/core/InferenceMode.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <array>
#include <utility>

namespace embedd::model {

namespace {

// Milliseconds of one run, in the middle of five times so many: clocks have settled by then.
template <class Work>
double milliseconds_of(const Work& work, cudaStream_t stream)
{
    constexpr int warm_ups = 20;
    constexpr int repeats = 20;
    for (int i = 0; i < warm_ups; ++i)
        work();
    Event began(cudaEventDefault), ended(cudaEventBlockingSync);
    std::array<double, 5> times{};
    for (auto& time : times) {
        began.record(stream);
        for (int i = 0; i < repeats; ++i)
            work();
        ended.record(stream);
        ended.wait();
        time = static_cast<double>(ended.milliseconds_since(began)) / repeats;
    }
    std::ranges::sort(times);
    return times[times.size() / 2];
}

} // namespace

CudaCeiling measure_cuda_ceiling(const ModelConfig& config, Dtype dtype, std::int64_t rows)
{
    const c10::InferenceMode inference;
    const auto stream = c10::cuda::getStreamFromPool();
    const c10::cuda::CUDAStreamGuard guard(stream);
    const auto numbers = at::TensorOptions().device(at::kCUDA).dtype(scalar_type(dtype));
    const auto hidden = config.hidden_size;
    const std::array<std::pair<std::int64_t, std::int64_t>, 4> products{{{hidden, 3 * hidden},
                                                                         {hidden, hidden},
                                                                         {hidden, config.intermediate_size},
                                                                         {config.intermediate_size, hidden}}};
    double milliseconds = 0, operations = 0;
    for (const auto& [inputs, outputs] : products) {
        const auto left = at::full({rows, inputs}, 0.5, numbers);
        const auto right = at::full({outputs, inputs}, 0.01, numbers);
        milliseconds += milliseconds_of([&] { (void)at::mm(left, right.t()); }, stream.stream());
        operations +=
            2.0 * static_cast<double>(rows) * static_cast<double>(inputs) * static_cast<double>(outputs);
    }

    constexpr std::int64_t copied = std::int64_t{1} << 30; // far beyond the caches
    const auto bytes = at::TensorOptions().device(at::kCUDA).dtype(at::kByte);
    const auto from = at::full({copied}, 1, bytes);
    const auto to = at::empty({copied}, bytes);
    const auto copy = milliseconds_of([&] { to.copy_(from); }, stream.stream());
    return {.gflops = operations / milliseconds / 1e6,
            .bytes_per_second = 2.0 * static_cast<double>(copied) / copy * 1e3};
}

} // namespace embedd::model
