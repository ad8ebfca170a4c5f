#pragma once

#include <cstdint>
#include <string>

namespace embedd::console {

[[nodiscard]] std::uint64_t now_us() noexcept; // steady
[[nodiscard]] std::string wall_time();         // "14:06:31", local

} // namespace embedd::console
