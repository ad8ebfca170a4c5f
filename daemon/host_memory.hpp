#pragma once

#include <cstdint>
#include <optional>

namespace embedd::daemon {

// What a process of ours could still take, in bytes: what the host has available, or what the control group
// allows beyond what it holds, whichever is less. Nothing where the kernel does not say.
[[nodiscard]] std::optional<std::uint64_t> available_memory();

} // namespace embedd::daemon
