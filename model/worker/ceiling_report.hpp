#pragma once

#include "model/worker/options.hpp"

namespace embedd::model {

// Prints, as one JSON object, how fast this machine multiplies matrices of the model's shapes with 1, 2, 4
// ... and all its cores. Returns the exit code.
[[nodiscard]] int report_ceiling(const CeilingOptions& options);

} // namespace embedd::model
