#pragma once

#include <string>

namespace embedd::console {

struct Ran {
    int exit_code = -1;
    std::string output; // standard output, and what else the command sends there
};

// Runs a command line as a shell does.
Ran shell(const std::string& command);

} // namespace embedd::console
