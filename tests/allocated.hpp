#pragma once

#include <cstddef>

namespace embedd {

// Bytes that this program has of operator new and has not given back: it is replaced where this is linked.
// For programs of one thread.
[[nodiscard]] std::size_t allocated() noexcept;

} // namespace embedd
