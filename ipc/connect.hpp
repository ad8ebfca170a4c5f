#pragma once

#include <filesystem>

namespace embedd::ipc {

// One try to reach a daemon: a connected, non-blocking, close-on-exec socket that is the caller's, or why
// not, as errno. EAGAIN: its backlog is full, as it may be while it starts; try again a little later. Asio
// takes this answer for a connection under way, so the asynchronous client connects with this too: on a Unix
// socket it never blocks.
struct ConnectAttempt {
    int socket = -1;
    int error = 0;
};
[[nodiscard]] ConnectAttempt try_connect(const std::filesystem::path& path);

} // namespace embedd::ipc
