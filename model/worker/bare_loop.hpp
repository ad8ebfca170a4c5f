#pragma once

#include "model/worker/options.hpp"

namespace embedd::model {

// What warm-up is measured against: the same network in a plain loop, as a program that calls libtorch runs
// it. No ladder, no warm-up, oneDNN's cache as it comes. Says {"loaded":true}, then answers each line of
// standard input, the token counts of one batch's inputs ("12,40,7"), by {"us":1234}. Returns the exit code.
[[nodiscard]] int run_bare_loop(const BareLoopOptions& options);

} // namespace embedd::model
