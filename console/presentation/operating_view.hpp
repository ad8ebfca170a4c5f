#pragma once

#include "ipc/reply.hpp"

#include <string>

// What operators have the daemon do, as text: for embedctl and for the operator's screen. Everything the
// daemon sent is made printable.
namespace embedd::console {

// "replica 0: 40 of 80 visits, 50 %, 64 rows", "weights.read: 12.0 MiB of 86.7 MiB, 13 %", "drain: 3 of 8
// requests answered".
[[nodiscard]] std::string describe(const ipc::Progress&);

// How far a step is: from 0 to 100, also where it counts wrongly.
[[nodiscard]] unsigned percent_of(const ipc::Progress&) noexcept;

// What it would do, where it was a dry run, else what it did.
[[nodiscard]] std::string describe(const ipc::ReloadReply&);
[[nodiscard]] std::string describe(const ipc::DrainReply&);
[[nodiscard]] std::string describe(const ipc::ResumeReply&);
[[nodiscard]] std::string describe(const ipc::RestartReplicaReply&);

// One line, without a newline; empty where no reload was ever asked for.
[[nodiscard]] std::string summary(const ipc::ReloadStatus&);

} // namespace embedd::console
