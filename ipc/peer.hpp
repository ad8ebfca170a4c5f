#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace embedd::ipc {

// Who is at the other end of a Unix socket, as the kernel saw it at connect(): never what the peer says.
struct Peer {
    pid_t pid = 0; // display only: pids are used again; 0 where another pid namespace hides it
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups; // sorted, gid included
};

// Nothing when the socket is no connected Unix socket.
[[nodiscard]] std::optional<Peer> peer_of(int socket);

// The command name of a process from /proc; nothing where it is hidden or gone. For display only.
[[nodiscard]] std::optional<std::string> command_of(pid_t pid);

} // namespace embedd::ipc
