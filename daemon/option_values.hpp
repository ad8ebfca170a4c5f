#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace embedd::daemon {

// Texts of options as values; nothing when they are not exactly one.

[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view text);
[[nodiscard]] std::optional<bool> truth(std::string_view text);                        // true, false
[[nodiscard]] std::optional<std::chrono::milliseconds> duration(std::string_view text); // 50ms, 20s, 2m, 20
[[nodiscard]] std::optional<std::uint64_t> size_in_bytes(std::string_view text);       // 16MiB, 64KiB, 4096
[[nodiscard]] std::optional<mode_t> file_mode(std::string_view text);                  // 0660

} // namespace embedd::daemon
