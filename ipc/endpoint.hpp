#pragma once

#include "ipc/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::ipc {

// The longest path a Unix socket can have, without the terminating zero.
inline constexpr std::size_t socket_path_max = 107;

// Where a daemon listens that was told nothing: /run/embedd for root, $XDG_RUNTIME_DIR/embedd for a user.
// Nothing for a user without XDG_RUNTIME_DIR.
[[nodiscard]] std::optional<std::filesystem::path> default_socket_of_this_user();

// Where clients look, in order: `flag`, else EMBEDD_SOCKET, else the user's own and the system's.
// One place when it was named, so that a typo never falls through to another daemon.
[[nodiscard]] std::vector<std::filesystem::path> client_sockets(const std::optional<std::string>& flag);

} // namespace embedd::ipc
