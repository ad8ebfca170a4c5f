#pragma once

#include <cstdint>
#include <vector>

namespace embedd::model {

struct DummyShape {
    std::int64_t rows = 0;    // tokens together
    std::int64_t longest = 0; // tokens of an input at most
    bool uneven = false;      // neighbours of different lengths, from half the longest up
    std::int64_t vocabulary = 0;
};

// Inputs made up for a warm-up; nobody sees their vectors. Even ones are where attention is dearest, short
// uneven ones where what an input costs of its own is.
struct DummyBatch {
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> offsets;
};

[[nodiscard]] DummyBatch dummy_batch(const DummyShape& shape);

} // namespace embedd::model
