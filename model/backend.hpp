#pragma once

#include "model/checkpoint.hpp"
#include "model/config.hpp"
#include "model/dtype.hpp"
#include "model/failure.hpp"
#include "model/ladder.hpp"
#include "model/packed_batch.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::model {

// What computing a batch cost.
struct Pass {
    std::uint64_t device_us = 0;   // CPU time of the lane's thread, or time on the GPU
    std::uint64_t page_faults = 0; // CPU: memory that nothing had touched before
    bool allocated = false;        // GPU: memory was taken from the device, which is slow
    bool captured = false;         // GPU: the shape's graph was not there yet
};

// Of the device, in bytes. What a device does not count is nothing.
struct DeviceMemory {
    std::uint64_t weights = 0;
    std::optional<std::uint64_t> active, reserved, peak; // of the allocator; peak: of what was active
    std::optional<std::uint64_t> graphs;                 // reserved for captured graphs alone
    std::optional<std::uint64_t> alloc_retries, ooms;    // counts
};

// A model in a device's memory. Lanes are numbered from 0; each is used by one thread, which calls
// enter_lane() first. Different lanes may compute at the same time.
class Encoder {
public:
    virtual ~Encoder() = default;

    virtual void enter_lane(std::size_t lane) = 0;

    // Computes the batch on `rung` rows, at least its tokens, and writes inputs x dimensions() numbers, row
    // after row: pooled, not normalised, and not finite where the network's numbers are not.
    [[nodiscard]] virtual Result<Pass> forward(std::size_t lane, const PackedBatch& batch, std::int64_t rung,
                                               std::span<float> out) = 0;

    // Makes all shapes of this rung warm, for every lane, at a small part of what passes over them would
    // cost.
    [[nodiscard]] virtual Result<Pass> touch(std::size_t lane, std::int64_t rung) = 0;

    [[nodiscard]] virtual std::int64_t dimensions() const = 0;
    [[nodiscard]] virtual DeviceMemory memory() const = 0; // from any thread
};

// What a device reaches at best, to compare serving with.
struct DeviceCeiling {
    struct Rate {
        std::size_t lanes = 1;
        double gflops = 0;
    };
    std::int64_t rows = 0;                       // of the matrix products
    std::vector<Rate> rates;                     // over the linear layers of one of the model's layers
    std::optional<double> copy_bytes_per_second; // within the device's own memory, read and written
};

// Where models are computed: this host's processor, or a GPU.
class Backend {
public:
    virtual ~Backend() = default;

    [[nodiscard]] virtual std::string id() const = 0;                        // "cpu", "cuda:1"
    [[nodiscard]] virtual std::string name() const = 0;                      // what its maker calls it
    [[nodiscard]] virtual std::optional<std::string> pci_bus_id() const = 0; // of a GPU
    [[nodiscard]] virtual int lanes() const = 0;                             // that use it best

    // "auto": the fastest that keeps the vectors' quality. Refuses what the device cannot multiply.
    [[nodiscard]] virtual Result<Dtype> dtype(std::string_view named) const = 0;

    // The rows batches are rounded up to. `max_batch_tokens`: the operator's, or 0.
    [[nodiscard]] virtual Ladder ladder(const ModelConfig& config, std::int64_t max_batch_tokens) const = 0;

    // Sets what the libraries read from the environment. Before the process has threads.
    virtual void settle_environment(const Ladder& ladder) const = 0;

    // Prepares the device. Once, before load(), and before anything else uses libtorch.
    [[nodiscard]] virtual Result<void> start() = 0;

    // `most_rows`: of any batch.
    [[nodiscard]] virtual Result<std::unique_ptr<Encoder>> load(const ModelConfig& config,
                                                                Checkpoint& checkpoint, Dtype dtype,
                                                                std::size_t lanes, std::int64_t most_rows,
                                                                const LoadProgress& progress) = 0;

    // Measures for about `duration`.
    [[nodiscard]] virtual Result<DeviceCeiling> ceiling(const ModelConfig& config, Dtype dtype,
                                                        std::chrono::milliseconds duration) = 0;
};

} // namespace embedd::model
