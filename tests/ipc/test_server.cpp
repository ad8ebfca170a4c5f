#include "tests/ipc/test_server.hpp"

#include "ipc/reply.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace embedd::ipc {

std::optional<Request> Caller::next()
{
    std::array<std::byte, 4096> piece;
    while (true) {
        if (auto frame = decoder_.next()) {
            auto request = parse_request(frame->header, {});
            EXPECT_TRUE(request);
            return request ? std::optional{std::move(*request)} : std::nullopt;
        }
        const auto got = ::recv(socket_, piece.data(), piece.size(), 0);
        if (got <= 0)
            return std::nullopt;
        decoder_.feed(std::span{piece}.first(static_cast<std::size_t>(got)));
    }
}

void Caller::send(std::span<const std::byte> bytes) const
{
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

void Caller::answer(const Request& request) const
{
    send(encode_frame(
        to_header(request.id, HealthReply{.live = true, .ready = true, .state = "ready", .reason = {}})));
}

TestServer::TestServer(Script script, int backlog)
{
    EXPECT_NE(::mkdtemp(directory_.data()), nullptr);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, backlog), 0);
    thread_ = std::jthread{[this, script = std::move(script)] {
        for (int connection = 0;; ++connection) {
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0)
                return;
            Caller caller{socket};
            script(caller, connection);
            ::close(socket);
        }
    }};
}

TestServer::~TestServer()
{
    ::shutdown(listener_, SHUT_RDWR); // wakes accept
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(directory_);
}

} // namespace embedd::ipc
