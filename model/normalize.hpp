#pragma once

#include <cstddef>
#include <span>

namespace embedd::model {

// Scales each row of `dimensions` numbers to length 1. A row of zeros stays as it is.
void normalize(std::span<float> rows, std::size_t dimensions);

} // namespace embedd::model
