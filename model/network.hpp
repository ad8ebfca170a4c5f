#pragma once

#include "model/checkpoint.hpp"
#include "model/config.hpp"
#include "model/dtype.hpp"
#include "model/failure.hpp"
#include "model/packed_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace embedd::model {

// bfloat16 where this processor multiplies it natively, else float32.
[[nodiscard]] Dtype best_dtype();

// A BERT encoder with its pooling, on the CPU.
//
// Immutable once loaded: forward and touch may run on several threads at once, each on the one thread that
// calls it. Call at::set_num_threads(1), or prepare_lane() below, on each of these threads first.
class Network {
public:
    [[nodiscard]] static Result<Network> load(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                                              const LoadProgress& progress);

    Network(Network&&) noexcept;
    Network& operator=(Network&&) noexcept;
    ~Network();

    // Computes the batch on `rung` rows, at least ids.size(), and writes inputs x dimensions() numbers, row
    // after row: pooled, not normalised, and not finite where the network's numbers are not.
    [[nodiscard]] Result<void> forward(const PackedBatch& batch, std::int64_t rung,
                                       std::span<float> out) const;

    // One layer's linear operations on this many rows: makes oneDNN's primitives for the rung, which all
    // layers share.
    [[nodiscard]] Result<void> touch(std::int64_t rung) const;

    [[nodiscard]] std::int64_t dimensions() const;
    [[nodiscard]] std::size_t weights_bytes() const;

private:
    struct Body;
    explicit Network(std::unique_ptr<Body> body);

    std::unique_ptr<Body> body_;
};

// Makes the calling thread one that computes alone. Call once on each thread that will run a network.
void prepare_lane();

} // namespace embedd::model
