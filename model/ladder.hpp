#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace embedd::model {

// The row counts that a packed batch is rounded up to, so that libraries which prepare something for each row
// count see few of them.
class Ladder {
public:
    // oneDNN keeps a primitive for each row count: multiples of 8 to 64, of 16 to 256, of 32 to the batch
    // budget, then of 64 up to the longest input.
    [[nodiscard]] static Ladder for_cpu(std::int64_t batch_budget, std::int64_t longest_input);

    // A GPU computes tens of rows as fast as one, and cuBLAS chooses a kernel by row count: multiples of 64
    // to 512, of 128 to 1,024, of 256 to 4,096, then of 512.
    [[nodiscard]] static Ladder for_gpu(std::int64_t batch_budget, std::int64_t longest_input);

    // The smallest rung that holds this many rows; `rows` is between 1 and longest().
    [[nodiscard]] std::int64_t rung_for(std::int64_t rows) const;
    [[nodiscard]] std::span<const std::int64_t> rungs() const { return rungs_; } // ascending
    [[nodiscard]] std::int64_t longest() const { return rungs_.back(); }

private:
    // `step_after` says how far the rung after `rows` lies.
    template <class StepAfter>
    Ladder(std::int64_t first, std::int64_t longest, const StepAfter& step_after);

    std::vector<std::int64_t> rungs_;
};

// How many primitives oneDNN keeps at most for a ladder of this many rungs. Its cache overflows silently, and
// then every batch is a cold one.
[[nodiscard]] std::size_t primitives_needed(std::size_t rungs);

} // namespace embedd::model
