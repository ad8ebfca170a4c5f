#pragma once

#include "daemon/failure.hpp"
#include "daemon/options.hpp"
#include "daemon/processors.hpp"
#include "daemon/worker.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace embedd::daemon {

// The operator's --worker, else the one installed with us.
[[nodiscard]] Result<std::filesystem::path> worker_program(const Options&);

// What each replica runs, in the order of their numbers, told the model and how to compute it.
[[nodiscard]] std::vector<WorkerCommand> worker_commands(const Options&, const std::filesystem::path& program,
                                                         std::span<const Core> cores);

} // namespace embedd::daemon
