#pragma once

#include "model/worker/options.hpp"

namespace embedd::model {

// Prints what a warm-up's plan is made from, as one JSON object, from the model's small files alone. Returns
// the exit code.
[[nodiscard]] int print_description(const DescribeOptions& options);

} // namespace embedd::model
