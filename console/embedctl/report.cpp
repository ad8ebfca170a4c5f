#include "console/embedctl/report.hpp"

#include <cstdio>

namespace embedd::console {

ExitCode report(const ipc::CallFailure& failure)
{
    std::fprintf(stderr, "embedctl: %s\n", describe(failure).c_str());
    return exit_code_of(failure);
}

ExitCode report_usage(const char* what)
{
    std::fprintf(stderr, "embedctl: %s\n", what);
    return ExitCode::usage;
}

} // namespace embedd::console
