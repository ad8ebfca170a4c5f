#pragma once

#include "console/screen/grid.hpp"

#include <cstdint>
#include <string_view>

namespace embedd::console::screen {

// ascii: no byte above 0x7F. line: what the Linux console's font has. block: eighths of blocks too.
enum class GlyphSet : std::uint8_t { ascii, line, block };

// The signs of which pictures are made. Each says the same without colour.
struct Glyphs {
    Repertoire repertoire;
    char32_t rule, side;
    std::u32string_view corners;                                   // from the upper left, clockwise
    std::u32string_view levels;                                    // of a line over time, zero first
    std::u32string_view shades;                                    // few to many
    char32_t full, empty;                                          // of a bar
    std::string_view good, busy, attention, failed, idle, unknown; // states
    std::string_view selected, done, running, pending;             // rows
    char32_t weights, active, cached, other, resident, free, peak; // parts of memory
};

[[nodiscard]] const Glyphs& glyphs(GlyphSet) noexcept;

} // namespace embedd::console::screen
