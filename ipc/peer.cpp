#include "ipc/peer.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59 // linux/socket.h; older C libraries do not name it
#endif

namespace embedd::ipc {

namespace {

std::vector<gid_t> groups_of(int socket)
{
    std::vector<gid_t> groups(32);
    while (true) {
        auto bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
        if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) == 0) {
            groups.resize(bytes / sizeof(gid_t));
            return groups;
        }
        if (errno != ERANGE)
            return {};
        groups.resize(bytes / sizeof(gid_t)); // the kernel says how many there are
    }
}

} // namespace

std::optional<Peer> peer_of(int socket)
{
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
        size != sizeof(credentials) || credentials.uid == static_cast<uid_t>(-1))
        return std::nullopt;
    Peer peer{
        .pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid, .groups = groups_of(socket)};
    peer.groups.push_back(peer.gid);
    std::sort(peer.groups.begin(), peer.groups.end());
    peer.groups.erase(std::unique(peer.groups.begin(), peer.groups.end()), peer.groups.end());
    return peer;
}

std::optional<std::string> command_of(pid_t pid)
{
    const auto path = "/proc/" + std::to_string(pid) + "/comm";
    const int file = pid > 0 ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return std::nullopt;
    std::array<char, 64> name{}; // the kernel keeps 15 bytes
    const auto got = ::read(file, name.data(), name.size());
    ::close(file);
    if (got <= 0)
        return std::nullopt;
    std::string command(name.data(), static_cast<std::size_t>(got));
    if (command.back() == '\n')
        command.pop_back();
    return command;
}

} // namespace embedd::ipc
