#pragma once

#include "console/embed_console/options.hpp"

namespace embedd::console {

// Without a terminal: frames of the screen as text, or the daemon's status as JSON, on standard output. The
// exit code tells the state seen last.
[[nodiscard]] ExitCode show_frames(const Options&);

} // namespace embedd::console
