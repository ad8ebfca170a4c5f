#pragma once

#include "console/screen/keys.hpp"

#include <cwchar>
#include <optional>

namespace embedd::console {

// What curses read: a character, or the code of a key that has none. Nothing for keys the screen does not
// know.
[[nodiscard]] std::optional<screen::Key> key_of_character(wint_t character) noexcept;
[[nodiscard]] std::optional<screen::Key> key_of_code(wint_t code) noexcept;

} // namespace embedd::console
