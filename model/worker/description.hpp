#pragma once

#include "model/config.hpp"
#include "model/ladder.hpp"
#include "model/worker/options.hpp"

namespace embedd::model {

// The rows this model's batches are rounded up to. Rungs lie close together up to the budget of a batch: the
// operator's, else as far as it can pay before warm-up has measured it.
[[nodiscard]] Ladder ladder_of(const ModelConfig& config, const ModelOptions& options);

// Prints what a warm-up's plan is made from, as one JSON object, from the model's small files alone. Returns
// the exit code.
[[nodiscard]] int print_description(const DescribeOptions& options);

} // namespace embedd::model
