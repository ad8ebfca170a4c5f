#pragma once

#include "tests/console/shell.hpp"

#include <string>

namespace embedd::console {

// Runs the embedctl that was built; `words` are taken as the shell takes them, standard input is what the
// shell command `feed` prints, and standard error is among the output.
Ran embedctl(const std::string& words, const std::string& feed = ":");

} // namespace embedd::console
