#pragma once

#include "console/presentation/state_view.hpp"
#include "console/screen/glyphs.hpp"
#include "console/screen/grid.hpp"
#include "console/screen/model.hpp"

namespace embedd::console::screen {

// The screen of a model: a pure function, for every size. Key `a` overrides the glyphs by ASCII's.
[[nodiscard]] Grid render(const Model&, Size, GlyphSet);

// What the first row says: the daemon's state, or that it cannot be known. Always there, as much as fits.
[[nodiscard]] StateView state_of(const Model&);

} // namespace embedd::console::screen
