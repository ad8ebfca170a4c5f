#pragma once

#include <cstddef>

namespace embedd::model {

// The kernel kills this process when its daemon's thread ends: a worker never outlives its daemon, not even a
// killed one. The daemon has asked for it already; whoever else starts a worker gets it here.
void die_with_parent();

// Keeps freed memory for the next batch: given back after each, its pages would be faulted in again for
// every batch, which costs up to a third of a short one's time. Call before there are threads.
void keep_freed_memory();

// Makes room for this many primitives in oneDNN's cache, which reads its size from the environment at its
// first use: call before there are threads and before the first ATen call.
void provide_for_primitives(std::size_t needed);

} // namespace embedd::model
