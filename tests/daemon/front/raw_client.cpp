#include "tests/daemon/front/raw_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace embedd::daemon {

namespace {
constexpr int patience_ms = 60'000;
}

RawClient::RawClient(const std::filesystem::path& socket)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
    for (int tries = 0; ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0;
         ++tries) {
        if (tries > 10'000)
            throw std::runtime_error("cannot connect to " + socket.string());
        ::poll(nullptr, 0, 2);
    }
}

RawClient::~RawClient()
{
    ::close(socket_);
}

bool RawClient::send(std::string_view bytes) const
{
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool RawClient::send_frame(std::string_view header) const
{
    const auto frame = ipc::encode_frame(header);
    return send({reinterpret_cast<const char*>(frame.data()), frame.size()});
}

void RawClient::end_sending() const
{
    ::shutdown(socket_, SHUT_WR);
}

void RawClient::take_a_byte() const
{
    char byte = 0;
    [[maybe_unused]] const auto taken = ::recv(socket_, &byte, 1, MSG_DONTWAIT);
}

std::string RawClient::receive() const
{
    std::array<char, 65536> bytes{};
    pollfd state{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&state, 1, patience_ms) != 1)
        throw std::runtime_error("no answer");
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
}

std::optional<nlohmann::json> RawClient::answer()
{
    while (true) {
        if (auto frame = decoder_.next())
            return nlohmann::json::parse(frame->header);
        const std::string bytes = receive();
        if (bytes.empty())
            return std::nullopt;
        decoder_.feed(std::as_bytes(std::span(bytes)));
    }
}

std::string RawClient::everything()
{
    std::string all;
    for (std::string bytes = receive(); !bytes.empty(); bytes = receive())
        all += bytes;
    return all;
}

} // namespace embedd::daemon
