#pragma once

#include "ipc/client.hpp"

#include <cstdint>
#include <string>

namespace embedd::console {

// How embedctl and embed-console end (embedctl(1)): scripts and probes decide by these.
enum class ExitCode : std::uint8_t { ok = 0, failed = 1, usage = 2, not_ready = 3, unreachable = 4 };

[[nodiscard]] ExitCode exit_code_of(const ipc::CallFailure&) noexcept;

// What went wrong in one line, for people; everything the daemon sent is made printable.
[[nodiscard]] std::string describe(const ipc::CallFailure&);

} // namespace embedd::console
