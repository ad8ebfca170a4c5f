// The GPU's half for hosts without one: vectors that say how the worker asked, faults on command.
//
// Each number of a vector is the input's length, but the first, which is the lane, and the second, which is
// the rung. An input of tokens[0] == 7 finds no memory, one of 8 loses the device.
#include "model/cuda/module.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace embedd::model {

namespace {

class FakeEncoder : public Encoder {
public:
    FakeEncoder(ModelConfig config, std::int64_t most_rows)
        : config_(std::move(config)), most_rows_(most_rows)
    {
    }

    void enter_lane(std::size_t) override {}

    Result<Pass> forward(std::size_t lane, const PackedBatch& batch, std::int64_t rung,
                         std::span<float> out) override
    {
        if (auto sound = check(batch, rung, out.size(), config_); !sound)
            return sound.error();
        if (rung > most_rows_)
            return Failure{Errc::internal, "more rows than were said"};
        const auto width = static_cast<std::size_t>(config_.hidden_size);
        for (std::size_t input = 0; input < batch.inputs(); ++input) {
            const auto begin = static_cast<std::size_t>(batch.offsets[input]);
            if (batch.ids[begin] == 7)
                return Failure{Errc::out_of_memory, "the made-up device is full"};
            if (batch.ids[begin] == 8)
                return Failure{Errc::device_fault, "the made-up device lost its context"};
            const auto vector = out.subspan(input * width, width);
            std::ranges::fill(vector, static_cast<float>(batch.offsets[input + 1] - batch.offsets[input]));
            vector[0] = static_cast<float>(lane);
            vector[1] = static_cast<float>(rung);
        }
        return Pass{.device_us = 42, .page_faults = 0, .allocated = rung > 1024, .captured = rung == 64};
    }

    Result<Pass> touch(std::size_t, std::int64_t) override { return Pass{.device_us = 9}; }
    std::int64_t dimensions() const override { return config_.hidden_size; }

    DeviceMemory memory() const override
    {
        return {.weights = 1000,
                .active = 2000,
                .reserved = 3000,
                .peak = 2500,
                .graphs = 400,
                .alloc_retries = 0,
                .ooms = 0};
    }

private:
    ModelConfig config_;
    std::int64_t most_rows_;
};

class FakeModule : public CudaModule {
public:
    Result<void> start(const CudaPlace&) override
    {
        if (std::getenv("EMBEDD_FAKE_CONTEXT_FAILS"))
            return Failure{Errc::internal, "the made-up device gives no context"};
        return {};
    }

    Result<std::unique_ptr<Encoder>> load(const ModelConfig& config, Checkpoint&, Dtype, std::size_t,
                                          std::int64_t most_rows, const LoadProgress& progress) override
    {
        if (std::getenv("EMBEDD_FAKE_LOAD_FAILS"))
            return Failure{Errc::out_of_memory, "the weights do not fit"};
        progress(1, 1);
        return std::unique_ptr<Encoder>(std::make_unique<FakeEncoder>(config, most_rows));
    }

    Result<CudaCeiling> ceiling(const ModelConfig&, Dtype, std::int64_t) override
    {
        return CudaCeiling{.gflops = 790'000, .bytes_per_second = 4.3e12};
    }
};

} // namespace

} // namespace embedd::model

extern "C" embedd::model::CudaModule* embedd_cuda_module()
{
    return new embedd::model::FakeModule;
}
