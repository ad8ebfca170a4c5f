#pragma once

#include "ipc/reply.hpp"
#include "ipc/status.hpp"

#include <string>

namespace embedd::console {

// The state of a daemon as lines for a terminal or a log: state, model, phases with their times, replicas,
// queue, latency, warm-up. Ends with a newline. Everything the daemon sent is made printable.
[[nodiscard]] std::string describe(const ipc::Status&);

// The model's card: what it is and what it takes.
[[nodiscard]] std::string describe(const ipc::InfoReply&);

// One line: the state and why, or the phase that is running.
[[nodiscard]] std::string headline(const ipc::Status&);

} // namespace embedd::console
