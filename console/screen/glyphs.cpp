#include "console/screen/glyphs.hpp"

namespace embedd::console::screen {

namespace {

constexpr Glyphs ascii{.repertoire = Repertoire::ascii,
                       .rule = U'-',
                       .side = U'|',
                       .corners = U"++++",
                       .levels = U"_.:-=+*#@",
                       .shades = U".:-=+*#@",
                       .full = U'#',
                       .empty = U'.',
                       .good = "[*]",
                       .busy = "[~]",
                       .attention = "[!]",
                       .failed = "[x]",
                       .idle = "[-]",
                       .unknown = "[?]",
                       .selected = ">",
                       .done = "+",
                       .running = ">",
                       .pending = ".",
                       .weights = U'W',
                       .active = U'A',
                       .cached = U'C',
                       .other = U'x',
                       .resident = U'#',
                       .free = U'.',
                       .peak = U'^'};

constexpr Glyphs line{.repertoire = Repertoire::unicode,
                      .rule = U'─',
                      .side = U'│',
                      .corners = U"┌┐┘└",
                      .levels = U"_░▒▓█",
                      .shades = U"░▒▓█",
                      .full = U'█',
                      .empty = U'·',
                      .good = "●",
                      .busy = "○",
                      .attention = "!",
                      .failed = "×",
                      .idle = "-",
                      .unknown = "?",
                      .selected = ">",
                      .done = "+",
                      .running = ">",
                      .pending = "·",
                      .weights = U'█',
                      .active = U'▓',
                      .cached = U'▒',
                      .other = U'x',
                      .resident = U'▓',
                      .free = U'·',
                      .peak = U'^'};

constexpr Glyphs block{.repertoire = Repertoire::unicode,
                       .rule = U'─',
                       .side = U'│',
                       .corners = U"┌┐┘└",
                       .levels = U"▁▂▃▄▅▆▇█",
                       .shades = U"░▒▓█",
                       .full = U'█',
                       .empty = U'·',
                       .good = "●",
                       .busy = "◐",
                       .attention = "!",
                       .failed = "×",
                       .idle = "○",
                       .unknown = "?",
                       .selected = "▸",
                       .done = "✓",
                       .running = "▶",
                       .pending = "·",
                       .weights = U'█',
                       .active = U'▓',
                       .cached = U'▒',
                       .other = U'×',
                       .resident = U'▓',
                       .free = U'·',
                       .peak = U'▲'};

} // namespace

const Glyphs& glyphs(GlyphSet set) noexcept
{
    switch (set) {
    case GlyphSet::ascii:
        return ascii;
    case GlyphSet::line:
        return line;
    case GlyphSet::block:
        break;
    }
    return block;
}

} // namespace embedd::console::screen
