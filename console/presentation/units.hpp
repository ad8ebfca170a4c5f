#pragma once

#include "ipc/printable.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace embedd::console {

// "1.5 GiB", "640 B": three significant digits, binary prefixes.
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

// "850 µs", "12.3 ms", "4.2 s", "3 min 20 s", "2 h 5 min".
[[nodiscard]] std::string format_duration(std::chrono::microseconds duration);

// A time on the wire; "–" where it is unknown.
[[nodiscard]] std::string format_duration(std::optional<std::uint64_t> us);

// "1.01"; "–" where it is unknown.
[[nodiscard]] std::string format_ratio(std::optional<double> ratio);

// "1,234,567".
[[nodiscard]] std::string format_count(std::uint64_t count);

using ipc::printable;

} // namespace embedd::console
