#include "tests/console/embedctl_process.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>

namespace embedd::console {

Ran embedctl(const std::string& words, const std::string& feed)
{
    const auto command = feed + " | '" EMBEDD_TEST_EMBEDCTL "' " + words + " 2>&1";
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
