#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace embedd::model {

// The row counts that a packed batch is rounded up to, so that oneDNN, which keeps a primitive for each row
// count it has seen, sees few: multiples of 8 to 64, of 16 to 256, of 32 to the batch budget, then of 64 up
// to the longest input.
class Ladder {
public:
    Ladder(std::int64_t batch_budget, std::int64_t longest_input);

    // The smallest rung that holds this many rows; `rows` is between 1 and longest().
    [[nodiscard]] std::int64_t rung_for(std::int64_t rows) const;
    [[nodiscard]] std::span<const std::int64_t> rungs() const { return rungs_; } // ascending
    [[nodiscard]] std::int64_t longest() const { return rungs_.back(); }

private:
    std::vector<std::int64_t> rungs_;
};

// How many primitives oneDNN keeps at most for a ladder of this many rungs. Its cache overflows silently, and
// then every batch is a cold one.
[[nodiscard]] std::size_t primitives_needed(std::size_t rungs);

} // namespace embedd::model
