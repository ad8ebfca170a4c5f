#pragma once

#include <string>

namespace embedd::console {

struct Ran {
    int exit_code = -1;
    std::string output; // standard output and standard error together
};

// Runs the embedctl that was built as a shell would; `words` are taken as the shell takes them, and standard
// input is what the shell command `feed` prints.
Ran embedctl(const std::string& words, const std::string& feed = ":");

} // namespace embedd::console
