#pragma once

#include "console/embed_console/options.hpp"

namespace embedd::console {

// The screen on the terminal, until its operator leaves or the terminal is gone. The exit code tells the
// daemon's state at the end; a signal that ends the program ends it here, after the terminal was given back.
// Throws UnknownTerminal where there is none to draw on.
[[nodiscard]] ExitCode show_live(const Options&);

} // namespace embedd::console
