#include "bench/notify_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace embedd::bench {

NotifySocket::NotifySocket(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (socket_ < 0 || ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        throw std::system_error(errno, std::generic_category(), "notify socket");
}

NotifySocket::~NotifySocket()
{
    ::close(socket_);
}

bool NotifySocket::ready_within(std::chrono::milliseconds time) const
{
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(time.count())) != 1)
        return false;
    std::array<char, 4096> message{};
    const auto got = ::recv(socket_, message.data(), message.size(), 0);
    return got > 0 && ('\n' + std::string(message.data(), static_cast<std::size_t>(got))).find("\nREADY=1") !=
                          std::string::npos;
}

void NotifySocket::forget() const
{
    std::array<char, 4096> message{};
    while (::recv(socket_, message.data(), message.size(), MSG_DONTWAIT) >= 0)
        continue;
}

} // namespace embedd::bench
