#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::daemon {

// How the operator writes values. Nothing where the text is something else; no sign, no blank, nothing left
// over.

[[nodiscard]] std::optional<std::uint64_t> parse_whole(std::string_view text);
[[nodiscard]] std::optional<double> parse_fraction(std::string_view text);     // 0.01 to 1
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text); // 4096, 64KiB, 16MiB, 2GiB
[[nodiscard]] std::optional<std::chrono::milliseconds>
parse_duration(std::string_view text);                                         // 50ms, 20s, 2m; bare: seconds
[[nodiscard]] std::optional<bool> parse_bool(std::string_view text);           // true or false
[[nodiscard]] std::optional<std::uint32_t> parse_octal(std::string_view text); // 0660

// auto, cpu, or CUDA devices, each once: cuda (the first), cuda:1, cuda:0,cuda:3
inline constexpr std::size_t most_devices = 16;
[[nodiscard]] std::optional<std::vector<std::string>> parse_devices(std::string_view text);

} // namespace embedd::daemon
