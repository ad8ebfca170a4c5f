#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace embedd::model {

// Inputs made up for a warm-up; nobody sees their vectors.
struct DummyBatch {
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> offsets;
};

// `rows` tokens in inputs of at most `longest` tokens: where attention is dearest.
[[nodiscard]] DummyBatch long_inputs(std::int64_t rows, std::int64_t longest, std::int64_t vocabulary);

// `rows` tokens in inputs of 8 to 16 tokens, neighbours of different lengths: where what an input costs of
// its own is dearest.
[[nodiscard]] DummyBatch short_inputs(std::int64_t rows, std::int64_t vocabulary);

// About eight of the rungs, from the first to the last, in steps of about the same ratio.
[[nodiscard]] std::vector<std::int64_t> anchors_of(std::span<const std::int64_t> rungs);

// How many primitives oneDNN keeps at most for a ladder of this many rungs. Its cache overflows silently, and
// then every batch is a cold one.
[[nodiscard]] std::size_t primitives_needed(std::size_t rungs);

} // namespace embedd::model
