#include "daemon/unix_address.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace embedd::daemon {

std::optional<std::string> unix_address(std::string_view name)
{
    sockaddr_un address{};
    if (name.empty() || name.size() >= sizeof address.sun_path)
        return std::nullopt;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    const bool abstract = name.front() == '@';
    if (abstract)
        address.sun_path[0] = '\0';
    // An abstract name is all of its bytes; a path ends with a zero.
    const std::size_t bytes = offsetof(sockaddr_un, sun_path) + name.size() + (abstract ? 0 : 1);
    return std::string(reinterpret_cast<const char*>(&address), bytes);
}

} // namespace embedd::daemon
