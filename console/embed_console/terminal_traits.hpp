#pragma once

#include "console/screen/glyphs.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace embedd::console {

enum class GlyphChoice : std::uint8_t { automatic, ascii, line, block };
enum class ColourChoice : std::uint8_t { automatic, always, never };

// What the environment says of the terminal.
struct TerminalTraits {
    std::string term;      // TERM
    std::string codeset;   // of the locale
    bool no_color = false; // NO_COLOR is set, and not empty
};
// Sets the locale of characters for this, and nothing else of the locale: numbers stay as they are.
[[nodiscard]] TerminalTraits terminal_traits();

// auto: ASCII unless the locale is UTF-8; the Linux console's font has lines but no eighths of blocks.
[[nodiscard]] screen::GlyphSet glyphs_for(GlyphChoice, const TerminalTraits&) noexcept;
[[nodiscard]] bool colours_for(ColourChoice, const TerminalTraits&) noexcept;

// A terminal that cannot place a character.
[[nodiscard]] bool is_dumb(const TerminalTraits&) noexcept;

} // namespace embedd::console
