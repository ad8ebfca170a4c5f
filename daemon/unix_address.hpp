#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace embedd::daemon {

// The bytes of a sockaddr_un for a path, or for an abstract name that begins with '@'. Nothing when it is too
// long.
[[nodiscard]] std::optional<std::string> unix_address(std::string_view name);

} // namespace embedd::daemon
