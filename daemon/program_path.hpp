#pragma once

#include "daemon/failure.hpp"

#include <filesystem>
#include <string_view>

namespace embedd::daemon {

// A program that was installed with this one: beside its real path, else in ../libexec/embedd.
[[nodiscard]] Result<std::filesystem::path> companion_program(std::string_view name);

} // namespace embedd::daemon
