#include "model/cuda/lane.hpp"

#include "model/cuda/device_memory.hpp"

#include <ATen/core/CachingHostAllocator.h>
#include <c10/core/InferenceMode.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

namespace embedd::model {

namespace {

// Of results that are copied at once; more come in turns.
constexpr std::size_t pinned_numbers = std::size_t{1} << 20; // 4 MiB

std::int64_t longest_of(const PackedBatch& batch)
{
    std::int64_t longest = 0;
    for (std::size_t input = 0; input < batch.inputs(); ++input)
        longest = std::max<std::int64_t>(longest, batch.offsets[input + 1] - batch.offsets[input]);
    return longest;
}

StagedShape staged_as(const GraphShape& shape)
{
    return {.rows = shape.rows, .inputs = shape.inputs, .longest = shape.longest};
}

// The stream would stay in capture mode, and with it the lane. Where the driver has given the capture up,
// libtorch throws before it leaves the pool, and would refuse the next capture into it.
void end_failed_capture(at::cuda::CUDAGraph& graph, c10::DeviceIndex device, c10::MempoolId_t pool)
{
    const auto attempt = [](const auto& end) {
        try {
            end();
        } catch (const c10::Error&) {
            (void)::cudaGetLastError(); // says that the capture failed, or had ended, which is known
        }
    };
    attempt([&] { graph.capture_end(); });
    attempt([&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(device, pool); });
    attempt([&] { at::getHostAllocator(at::kCUDA)->end_allocate_to_pool(pool); });
}

} // namespace

Lane::Lane(const CudaNetwork& network, std::int64_t most_rows, std::mutex& capturing, std::size_t device)
    : network_(network), capturing_(capturing),
      stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, static_cast<c10::DeviceIndex>(device))),
      pool_(at::cuda::graph_pool_handle()), staging_(most_rows, stream_.device()), vectors_(pinned_numbers),
      // The thread sleeps until the GPU is done: spinning would take a core from the tokenizer.
      began_(cudaEventDefault), ended_(cudaEventBlockingSync)
{
}

void Lane::enter()
{
    const std::scoped_lock busy(busy_);
    const c10::InferenceMode inference;
    const c10::cuda::CUDAStreamGuard guard(stream_);
    constexpr StagedShape smallest{.rows = 64, .inputs = 1, .longest = 64};
    (void)network_.forward(staging_.send_empty(smallest, stream_.stream()));
    stream_.synchronize();
}

Pass Lane::forward(const PackedBatch& batch, std::int64_t rung, std::span<float> out)
{
    const std::scoped_lock busy(busy_);
    const c10::InferenceMode inference;
    const c10::cuda::CUDAStreamGuard guard(stream_);
    const auto taken_before = allocations(stream_.device_index());
    Pass pass;
    began_.record(stream_.stream());
    take(run(batch, rung, pass.captured), out);
    pass.device_us = static_cast<std::uint64_t>(ended_.milliseconds_since(began_) * 1e3F);
    pass.allocated = allocations(stream_.device_index()) != taken_before;
    return pass;
}

at::Tensor Lane::run(const PackedBatch& batch, std::int64_t rung, bool& captured)
{
    const auto inputs = static_cast<std::int64_t>(batch.inputs());
    const auto longest = longest_of(batch);
    const auto shape = graph_shape_for(rung, inputs, longest, network_.config().max_tokens);
    if (!shape)
        return network_.forward(
            staging_.send(batch, {.rows = rung, .inputs = inputs, .longest = longest}, stream_.stream()));
    captured = !graphs_.contains(*shape);
    const auto& ready = captured ? capture(*shape) : graphs_.at(*shape);
    const auto staged = staging_.send(batch, staged_as(*shape), stream_.stream());
    if (!ready.graph)
        return network_.forward(staged);
    ready.graph->replay();
    return ready.vectors;
}

bool Lane::touch(std::int64_t rung)
{
    const std::scoped_lock busy(busy_);
    const c10::InferenceMode inference;
    const c10::cuda::CUDAStreamGuard guard(stream_);
    const auto shapes = graph_shapes(rung, network_.config().max_tokens);
    if (shapes.empty()) {
        const StagedShape shape{
            .rows = rung, .inputs = 1, .longest = std::min(rung, network_.config().max_tokens)};
        (void)network_.forward(staging_.send_empty(shape, stream_.stream()));
        stream_.synchronize();
        return true;
    }
    bool any = false;
    for (const auto& shape : shapes)
        if (!graphs_.contains(shape)) {
            (void)capture(shape);
            any = true;
        }
    return any;
}

const Lane::Captured& Lane::capture(const GraphShape& shape)
{
    const auto batch = staging_.send_empty(staged_as(shape), stream_.stream());
    // Whatever is made at a first use (kernels, handles, workspaces) cannot be made within a capture.
    (void)network_.forward(batch);
    stream_.synchronize();

    const std::scoped_lock one_at_a_time(capturing_);
    const auto before = reserved_bytes(stream_.device_index());
    auto captured = record(batch);
    graphs_bytes_ += std::max(before, reserved_bytes(stream_.device_index())) - before;
    return graphs_.insert_or_assign(shape, std::move(captured)).first->second;
}

Lane::Captured Lane::record(const CudaBatch& batch)
{
    Captured captured{.graph = std::make_unique<at::cuda::CUDAGraph>(), .vectors = {}};
    const auto give_up = [&] { end_failed_capture(*captured.graph, stream_.device_index(), pool_); };
    try {
        captured.graph->capture_begin(pool_, cudaStreamCaptureModeThreadLocal);
        captured.vectors = network_.forward(batch);
        captured.graph->capture_end();
        return captured;
    } catch (const c10::OutOfMemoryError&) {
        give_up();
        throw;
    } catch (const c10::Error& error) {
        give_up();
        const std::string fault = error.what_without_backtrace();
        std::fprintf(stderr,
                     "embedd-worker: no CUDA graph for %lld rows, they are launched kernel by kernel: %s\n",
                     static_cast<long long>(batch.rows()), fault.substr(0, fault.find('\n')).c_str());
        return {};
    }
}

// By way of pinned memory, which the copy does not have to be staged for. Ends when all has arrived.
void Lane::take(const at::Tensor& vectors, std::span<float> out)
{
    const auto* from = vectors.const_data_ptr<float>();
    const auto room = vectors_.span();
    for (std::size_t done = 0; done < out.size();) {
        const auto piece = std::min(room.size(), out.size() - done);
        C10_CUDA_CHECK(::cudaMemcpyAsync(room.data(), from + done, piece * sizeof(float),
                                         cudaMemcpyDeviceToHost, stream_.stream()));
        ended_.record(stream_.stream());
        ended_.wait();
        std::memcpy(out.data() + done, room.data(), piece * sizeof(float));
        done += piece;
    }
}

} // namespace embedd::model
