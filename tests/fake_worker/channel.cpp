#include "tests/fake_worker/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace embedd::fake {
namespace {

constexpr ipc::FrameLimits limits{.header_bytes = 1U << 20, .payload_bytes = 64U << 20};

bool wait_for(int descriptor, short events, std::chrono::milliseconds wait)
{
    pollfd poll{.fd = descriptor, .events = events, .revents = 0};
    return ::poll(&poll, 1, static_cast<int>(wait.count())) > 0;
}

} // namespace

Channel::Channel(int descriptor) : descriptor_(descriptor), decoder_(limits) {}

void Channel::send(const ipc::WorkerMessage& message, std::span<const std::byte> payload)
{
    write_all(ipc::encode_frame(ipc::to_header(message), payload));
}

void Channel::send_garbage()
{
    const std::string_view garbage = "HTTP/1.1 200 OK\r\n\r\n";
    write_all(std::as_bytes(std::span(garbage)));
}

std::optional<Incoming> Channel::receive(std::chrono::milliseconds wait)
{
    std::array<std::byte, 65'536> buffer;
    while (true) {
        if (auto frame = decoder_.next()) {
            auto message = ipc::parse_daemon_message(frame->header);
            if (!message)
                ::_exit(static_cast<int>(ipc::WorkerExit::fault));
            return Incoming{std::move(*message), std::move(frame->payload)};
        }
        if (decoder_.fault())
            ::_exit(static_cast<int>(ipc::WorkerExit::fault));
        if (!wait_for(descriptor_, POLLIN, wait))
            return std::nullopt;
        const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (got <= 0)
            ::_exit(static_cast<int>(ipc::WorkerExit::ok));
        decoder_.feed(std::span(buffer).first(static_cast<std::size_t>(got)));
    }
}

void Channel::ignore(std::chrono::milliseconds duration) const
{
    if (wait_for(descriptor_, POLLRDHUP, duration))
        ::_exit(static_cast<int>(ipc::WorkerExit::ok));
}

void Channel::write_all(std::span<const std::byte> bytes) const
{
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0)
            ::_exit(static_cast<int>(ipc::WorkerExit::ok));
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}

} // namespace embedd::fake
