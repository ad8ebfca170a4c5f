#pragma once

#include "model/backend.hpp"
#include "model/cuda/event.hpp"
#include "model/cuda/graph_shapes.hpp"
#include "model/cuda/network.hpp"
#include "model/cuda/pinned.hpp"
#include "model/cuda/staging.hpp"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAStream.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>

namespace embedd::model {

// One batch at a time: a stream, the memory its batches travel through, and the graphs that were captured on
// it. Graphs of one lane share a memory pool, which is sound because they never run at the same time, and
// their results are taken before the next one starts.
//
// Functions may be called from any thread; they wait for each other. What libtorch throws comes out.
class Lane {
public:
    // `capturing` is held while a graph is captured: CUDA captures one at a time in a process.
    Lane(const CudaNetwork& network, std::int64_t most_rows, std::mutex& capturing, std::size_t device);

    // Makes what the calling thread needs of its own beside the lane's: cuBLAS's handle, and its workspace on
    // this stream. Else its first batch without a graph would.
    void enter();

    [[nodiscard]] Pass forward(const PackedBatch& batch, std::int64_t rung, std::span<float> out);

    // Captures the graphs of a rung that are not there yet, or computes it once where it has none. Returns
    // whether there was anything to do.
    bool touch(std::int64_t rung);

    // Taken from the device for graphs, by all of this lane's captures.
    [[nodiscard]] std::uint64_t graphs_bytes() const { return graphs_bytes_; }

private:
    struct Captured {
        std::unique_ptr<at::cuda::CUDAGraph> graph; // none where it could not be captured
        at::Tensor vectors;                         // where each replay leaves them
    };

    [[nodiscard]] at::Tensor run(const PackedBatch& batch, std::int64_t rung, bool& captured);
    const Captured& capture(const GraphShape& shape);
    [[nodiscard]] Captured record(const CudaBatch& batch);
    void take(const at::Tensor& vectors, std::span<float> out);

    const CudaNetwork& network_;
    std::mutex& capturing_;
    c10::cuda::CUDAStream stream_;
    c10::MempoolId_t pool_;
    Staging staging_;
    Pinned<float> vectors_; // on their way to the host
    Event began_, ended_;
    std::map<GraphShape, Captured> graphs_;
    std::atomic<std::uint64_t> graphs_bytes_ = 0;
    std::mutex busy_;
};

} // namespace embedd::model
