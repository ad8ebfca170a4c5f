#include "model/worker/cpu_backend.hpp"

#include "model/ceiling.hpp"
#include "model/network.hpp"
#include "model/worker/process.hpp"
#include "model/worker/thread_use.hpp"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace embedd::model {

namespace {

Pass cost_since(const ThreadUse& before)
{
    const auto use = thread_use() - before;
    return {.device_us = use.cpu_us, .page_faults = use.page_faults};
}

// A lane is a thread and nothing else.
class CpuEncoder : public Encoder {
public:
    explicit CpuEncoder(Network network) : network_(std::move(network)) {}

    void enter_lane(std::size_t) override { prepare_lane(); }

    Result<Pass> forward(std::size_t, const PackedBatch& batch, std::int64_t rung,
                         std::span<float> out) override
    {
        const auto before = thread_use();
        if (auto done = network_.forward(batch, rung, out); !done)
            return done.error();
        return cost_since(before);
    }

    Result<Pass> touch(std::size_t, std::int64_t rung) override
    {
        const auto before = thread_use();
        if (auto done = network_.touch(rung); !done)
            return done.error();
        return cost_since(before);
    }

    std::int64_t dimensions() const override { return network_.dimensions(); }
    DeviceMemory memory() const override { return {.weights = network_.weights_bytes()}; }

private:
    Network network_;
};

std::vector<std::size_t> lane_counts()
{
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::size_t> counts;
    for (std::size_t lanes = 1; lanes < cores; lanes *= 2)
        counts.push_back(lanes);
    counts.push_back(cores);
    return counts;
}

class CpuBackend : public Backend {
public:
    std::string id() const override { return "cpu"; }
    std::optional<std::string> pci_bus_id() const override { return std::nullopt; }

    std::string name() const override
    {
        std::string name = "cpu";
        std::ifstream cpuinfo("/proc/cpuinfo");
        for (std::string line; std::getline(cpuinfo, line);)
            if (line.starts_with("model name")) {
                name = line.substr(std::min(line.size(), line.find(':') + 2));
                break;
            }
        return name + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores";
    }

    // One for each CPU that we may run on: the daemon pins us where there are several replicas.
    int lanes() const override
    {
        cpu_set_t usable;
        if (::sched_getaffinity(0, sizeof usable, &usable) == 0)
            return CPU_COUNT(&usable);
        return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    }

    Result<Dtype> dtype(std::string_view named) const override
    {
        if (named == "auto")
            return best_dtype();
        const auto dtype = dtype_named(named);
        if (!dtype || *dtype == Dtype::float16)
            return Failure{Errc::unsupported, "--dtype " + std::string{named} +
                                                  " is not computed on a CPU; it has float32 and bfloat16"};
        return *dtype;
    }

    // Rungs lie close together up to the budget of a batch: the operator's, else as far as it can pay before
    // warm-up has measured it.
    Ladder ladder(const ModelConfig& config, std::int64_t max_batch_tokens) const override
    {
        // More rows than the longest input are worth it only where that is very short.
        return Ladder::for_cpu(max_batch_tokens > 0 ? max_batch_tokens
                                                    : std::clamp<std::int64_t>(config.max_tokens, 256, 512),
                               config.max_tokens);
    }

    void settle_environment(const Ladder& ladder) const override
    {
        provide_for_primitives(primitives_needed(ladder.rungs().size()));
    }

    Result<void> start() override
    {
        prepare_lane();
        return {};
    }

    Result<std::unique_ptr<Encoder>> load(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                                          std::size_t, std::int64_t, const LoadProgress& progress) override
    {
        auto network = Network::load(config, checkpoint, dtype, progress);
        if (!network)
            return network.error();
        return std::unique_ptr<Encoder>(std::make_unique<CpuEncoder>(std::move(*network)));
    }

    Result<DeviceCeiling> ceiling(const ModelConfig& config, Dtype dtype,
                                  std::chrono::milliseconds duration) override
    {
        // A GEMM of this many rows runs at full speed, and batches have about as many.
        DeviceCeiling ceiling{.rows = 256};
        const auto counts = lane_counts();
        for (const auto lanes : counts) {
            const auto measured = measure_ceiling(config, dtype, static_cast<int>(lanes), ceiling.rows,
                                                  duration / static_cast<std::int64_t>(counts.size()));
            ceiling.rates.push_back({.lanes = lanes, .gflops = measured.gflops});
        }
        return ceiling;
    }
};

} // namespace

std::unique_ptr<Backend> cpu_backend()
{
    return std::make_unique<CpuBackend>();
}

} // namespace embedd::model
