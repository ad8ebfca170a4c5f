#pragma once

#include "daemon/failure.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace embedd::daemon {

// The settings of a configuration file (JSON with comments), each as the text a flag would carry, by flag. A
// file that does not exist sets nothing.
[[nodiscard]] Result<std::map<std::string, std::string>> read_configuration(const std::filesystem::path&);

} // namespace embedd::daemon
