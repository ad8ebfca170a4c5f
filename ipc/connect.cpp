#include "ipc/connect.hpp"

#include "ipc/endpoint.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace embedd::ipc {

ConnectAttempt try_connect(const std::filesystem::path& path)
{
    const auto& name = path.native();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (name.size() > socket_path_max)
        return {.error = ENAMETOOLONG};
    name.copy(address.sun_path, socket_path_max);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0)
        return {.error = errno};
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
        return {.socket = socket};
    const int error = errno;
    ::close(socket);
    return {.error = error};
}

} // namespace embedd::ipc
