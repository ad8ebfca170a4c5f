#pragma once

#include "daemon/failure.hpp"
#include "daemon/log.hpp"
#include "daemon/options.hpp"
#include "daemon/warm_up_history.hpp"
#include "daemon/warm_up_plan.hpp"
#include "ipc/worker_protocol.hpp"

#include <string>

namespace embedd::daemon {

// Asks the worker what the model is like, without its weights, and prints the plan on standard output.
[[nodiscard]] ExitCode print_warm_up_plan(const Options&, Log&);

// The plan as a table, a line a cell, with what each is estimated to take: from the times of this model's
// last start where the history has one, else from the operations it takes at a nominal rate.
[[nodiscard]] std::string describe_plan(const ipc::WorkerDescription&, const WarmUpHistory&);

} // namespace embedd::daemon
