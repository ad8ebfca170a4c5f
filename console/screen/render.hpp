#pragma once

#include "console/screen/glyphs.hpp"
#include "console/screen/grid.hpp"
#include "console/screen/model.hpp"

namespace embedd::console::screen {

// The screen of a model: a pure function, for every size. Key `a` overrides the glyphs by ASCII's.
[[nodiscard]] Grid render(const Model&, Size, GlyphSet);

} // namespace embedd::console::screen
