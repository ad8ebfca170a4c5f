#pragma once

#include "console/command_line/exit_code.hpp"

namespace embedd::console {

// Says on stderr what went wrong and gives the exit code for it.
ExitCode report(const ipc::CallFailure&);
ExitCode report_usage(const char* what);

} // namespace embedd::console
