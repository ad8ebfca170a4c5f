#pragma once

#include "ipc/worker_protocol.hpp"
#include "model/failure.hpp"

namespace embedd::model {

// What a worker that cannot go on for this reason ends with.
[[nodiscard]] ipc::WorkerExit exit_of(Errc code);

// Says why on stderr, for what serves no daemon. Returns the process's exit code.
[[nodiscard]] int complain(const Failure& failure);

} // namespace embedd::model
