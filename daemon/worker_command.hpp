#pragma once

#include "daemon/failure.hpp"
#include "daemon/options.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace embedd::daemon {

// The operator's --worker, else the one installed with us.
[[nodiscard]] Result<std::filesystem::path> worker_program(const Options&);

// What every worker of this service is told on its command line: the model, and how to compute it.
[[nodiscard]] std::vector<std::string> worker_arguments(const Options&);

} // namespace embedd::daemon
