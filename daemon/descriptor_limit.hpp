#pragma once

#include <sys/resource.h>

#include <cstddef>

namespace embedd::daemon {

// How many descriptors this process could have open when it was started: what its children are given back,
// whose libraries may not bear numbers above 1,024 (select). Read once, at the first call.
[[nodiscard]] const rlimit& descriptor_limit_at_start();

// Raises the soft limit to the hard one; how many may be open at a time from here on. Before the first
// thread and the first child.
std::size_t raise_descriptor_limit();

} // namespace embedd::daemon
