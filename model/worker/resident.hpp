#pragma once

#include <cstdint>

namespace embedd::model {

// This process's resident memory, 0 where /proc does not tell.
[[nodiscard]] std::uint64_t resident_bytes();

} // namespace embedd::model
