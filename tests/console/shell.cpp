#include "tests/console/shell.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>

namespace embedd::console {

Ran shell(const std::string& command)
{
    Ran ran;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> piece;
    for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        ran.output.append(piece.data(), got);
    const int status = ::pclose(pipe);
    ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

} // namespace embedd::console
