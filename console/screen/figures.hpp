#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Numbers in narrow columns: at most six characters, "-" for what is unknown.
namespace embedd::console::screen {

[[nodiscard]] std::string short_count(std::optional<double> count); // "6", "1284", "41.2k", "3.16M"
[[nodiscard]] std::string short_count(double count);
[[nodiscard]] std::string short_count(std::uint64_t count);
[[nodiscard]] std::string milliseconds(std::optional<std::uint64_t> us); // "0.18", "26.8", "412"
[[nodiscard]] std::string span(std::uint64_t us);         // "0.2s", "41s", "41m", "3h12m", "9d"
[[nodiscard]] std::string percent(double fraction);       // "66%"
[[nodiscard]] std::string small_percent(double fraction); // "0.4%", where a small one is not none

// With spaces before or after it; cut to the width, the cut shown.
[[nodiscard]] std::string at_right(std::string_view text, int width);
[[nodiscard]] std::string at_left(std::string_view text, int width);
// At the right, and never touching what stands before.
[[nodiscard]] std::string column(std::string_view text, int width);

// What another program sent: made printable, and cut to so many columns.
[[nodiscard]] std::string shown(std::string_view theirs, int columns);

} // namespace embedd::console::screen
