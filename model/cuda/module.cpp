#include "model/cuda/module.hpp"

#include "model/cuda/ceiling.hpp"
#include "model/cuda/device_memory.hpp"
#include "model/cuda/guarded.hpp"
#include "model/cuda/lane.hpp"
#include "model/cuda/network.hpp"
#include "model/cuda/weights.hpp"

#include <ATen/Context.h>
#include <c10/core/InferenceMode.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>

#include <chrono>
#include <deque>
#include <mutex>
#include <utility>

namespace embedd::model {

namespace {

class CudaEncoder : public Encoder {
public:
    CudaEncoder(CudaNetwork network, std::int64_t most_rows, std::size_t lanes, int device)
        : device_(static_cast<c10::DeviceIndex>(device)), most_rows_(most_rows), network_(std::move(network))
    {
        for (std::size_t lane = 0; lane < lanes; ++lane)
            lanes_.emplace_back(network_, most_rows, capturing_, static_cast<std::size_t>(device));
    }

    void enter_lane(std::size_t lane) override
    {
        c10::cuda::set_device(device_);
        lanes_[lane].enter();
    }

    Result<Pass> forward(std::size_t lane, const PackedBatch& batch, std::int64_t rung,
                         std::span<float> out) override
    {
        if (auto sound = check(batch, rung, out.size(), network_.config()); !sound)
            return sound.error();
        if (rung > most_rows_)
            return Failure{Errc::input_refused, "the batch has more rows than batches were said to have"};
        auto pass = guarded([&]() -> Result<Pass> { return lanes_[lane].forward(batch, rung, out); });
        if (pass || pass.error().code != Errc::out_of_memory)
            return pass;
        // Blocks of other sizes may be what fills the device.
        give_back_cached();
        return guarded([&]() -> Result<Pass> { return lanes_[lane].forward(batch, rung, out); });
    }

    // A graph belongs to the lane it was captured on, so each gets its own.
    Result<Pass> touch(std::size_t, std::int64_t rung) override
    {
        return guarded([&]() -> Result<Pass> {
            const auto began = std::chrono::steady_clock::now();
            const auto before = allocations(device_);
            Pass pass;
            for (auto& lane : lanes_)
                pass.captured = lane.touch(rung) || pass.captured;
            pass.allocated = allocations(device_) != before;
            // Host and device take turns at it: the time of both.
            const auto took = std::chrono::steady_clock::now() - began;
            pass.device_us = static_cast<std::uint64_t>(
                std::chrono::duration_cast<std::chrono::microseconds>(took).count());
            return pass;
        });
    }

    std::int64_t dimensions() const override { return network_.config().hidden_size; }

    DeviceMemory memory() const override
    {
        std::uint64_t graphs = 0;
        for (const auto& lane : lanes_)
            graphs += lane.graphs_bytes();
        return device_memory(device_, {.weights = network_.weights_bytes(), .graphs = graphs});
    }

private:
    void give_back_cached()
    {
        const std::scoped_lock no_capture(capturing_); // which must not lose its blocks
        (void)guarded([]() -> Result<void> {
            c10::cuda::CUDACachingAllocator::emptyCache();
            return {};
        });
    }

    c10::DeviceIndex device_;
    std::int64_t most_rows_;
    CudaNetwork network_;
    std::mutex capturing_;
    std::deque<Lane> lanes_; // which stay where they are
};

class Module : public CudaModule {
public:
    Result<void> start(const CudaPlace& place) override
    {
        place_ = place;
        return guarded([&]() -> Result<void> {
            at::globalContext().lazyInitDevice(at::kCUDA);
            const auto device = static_cast<c10::DeviceIndex>(place.device);
            c10::cuda::set_device(device);
            C10_CUDA_CHECK(::cudaFree(nullptr)); // makes the context
            c10::cuda::CUDACachingAllocator::setMemoryFraction(place.memory_fraction, device);
            // Sums of half precision products in float32, as the CPU's.
            at::globalContext().setAllowBF16ReductionCuBLAS(false);
            at::globalContext().setAllowFP16ReductionCuBLAS(false);
            return {};
        });
    }

    Result<std::unique_ptr<Encoder>> load(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                                          std::size_t lanes, std::int64_t most_rows,
                                          const LoadProgress& progress) override
    {
        return guarded([&]() -> Result<std::unique_ptr<Encoder>> {
            const c10::InferenceMode inference;
            auto weights = read_cuda_weights(config, checkpoint, dtype, progress);
            if (!weights)
                return weights.error();
            CudaNetwork network(config, std::move(*weights), dtype, place_.fused_kernels);
            return std::unique_ptr<Encoder>(
                std::make_unique<CudaEncoder>(std::move(network), most_rows, lanes, place_.device));
        });
    }

    Result<CudaCeiling> ceiling(const ModelConfig& config, Dtype dtype, std::int64_t rows) override
    {
        return guarded([&]() -> Result<CudaCeiling> { return measure_cuda_ceiling(config, dtype, rows); });
    }

private:
    CudaPlace place_;
};

} // namespace

} // namespace embedd::model

// The symbol that the worker asks for: cuda_module_entry.
extern "C" __attribute__((visibility("default"))) embedd::model::CudaModule* embedd_cuda_module()
{
    return new embedd::model::Module;
}
