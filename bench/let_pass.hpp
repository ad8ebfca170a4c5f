#pragma once

#include <chrono>

namespace embedd::bench {

// Waits without doing anything, for at least so long: what is measured or waited for runs elsewhere.
void let_pass(std::chrono::milliseconds time);

} // namespace embedd::bench
