#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace embedd::model {

// A packed batch in the device's memory: int32, one after another. Rows beyond the last offset hold valid ids
// and belong to no input: they are computed and read by nobody.
struct CudaBatch {
    at::Tensor ids, places, type_ids; // a row each; place: within its input
    at::Tensor inputs;        // a row each: the number of its input; of rows of none, how many there are
    at::Tensor offsets;       // inputs + 1; inputs at the end may be empty
    std::int64_t longest = 0; // tokens of one input, at most

    [[nodiscard]] std::int64_t rows() const { return ids.size(0); }
    [[nodiscard]] std::int64_t count() const { return offsets.size(0) - 1; } // of inputs
};

} // namespace embedd::model
