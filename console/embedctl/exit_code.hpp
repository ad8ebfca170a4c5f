#pragma once

#include "ipc/client.hpp"

#include <cstdint>

namespace embedd::console {

// How embedctl ends (embedctl(1)): scripts and probes decide by these.
enum class ExitCode : std::uint8_t { ok = 0, failed = 1, usage = 2, not_ready = 3, unreachable = 4 };

[[nodiscard]] ExitCode exit_code_of(const ipc::CallFailure&) noexcept;

// Says on stderr what went wrong and gives the exit code for it.
ExitCode report(const ipc::CallFailure&);
ExitCode report_usage(const char* what);

} // namespace embedd::console
