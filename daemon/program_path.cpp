#include "daemon/program_path.hpp"

#include <unistd.h>

#include <string>
#include <system_error>

namespace embedd::daemon {

Result<std::filesystem::path> companion_program(std::string_view name)
{
    std::error_code error;
    const auto ours = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    const auto beside = ours / name;
    const auto installed = ours.parent_path() / "libexec" / "embedd" / name;
    for (const auto& program : {beside, installed}) {
        if (::access(program.c_str(), X_OK) == 0)
            return program;
    }
    return Failure{ExitCode::configuration, std::string(name) + " is neither at " + beside.string() +
                                                " nor at " + installed.string() +
                                                ": install it with embedd, or name it by its flag"};
}

} // namespace embedd::daemon
