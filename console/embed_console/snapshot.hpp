#pragma once

#include "ipc/status.hpp"

#include <string>

namespace embedd::console {

// Writes a status as JSON to a new file of the working directory, its owner's alone. One line for people:
// which file it is, or why there is none.
[[nodiscard]] std::string export_snapshot(const ipc::Status&);

} // namespace embedd::console
