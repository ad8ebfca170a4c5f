#include "model/worker/channel.hpp"

#include "model/worker/exit_code.hpp"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace embedd::model {

namespace {

constexpr ipc::FrameLimits limits{.header_bytes = 1U << 20U, .payload_bytes = 1U << 30U};
constexpr std::size_t receive_bytes = 64U << 10U;

[[noreturn]] void leave()
{
    ::_exit(static_cast<int>(ipc::WorkerExit::ok));
}

iovec part(const void* data, std::size_t bytes)
{
    return {const_cast<void*>(data), bytes};
}

} // namespace

bool Channel::usable(int descriptor)
{
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

Channel::Channel(int descriptor) : descriptor_(descriptor), decoder_(limits), received_(receive_bytes)
{
    ::fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
    ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL) & ~O_NONBLOCK);
}

Incoming Channel::read()
{
    while (true) {
        if (auto frame = decoder_.next()) {
            auto message = ipc::parse_daemon_message(frame->header);
            if (!message)
                fail(ipc::WorkerExit::fault, "channel: " + message.error().message);
            return {std::move(*message), std::move(frame->payload)};
        }
        if (const auto fault = decoder_.fault())
            fail(ipc::WorkerExit::fault, "channel: " + std::string{ipc::to_string(*fault)});
        const auto got = ::recv(descriptor_, received_.data(), received_.size(), 0);
        if (got > 0)
            decoder_.feed(std::span{received_}.first(static_cast<std::size_t>(got)));
        else if (got == 0 || errno != EINTR)
            leave();
    }
}

bool Channel::readable() const
{
    pollfd poll{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return decoder_.buffered() > 0 || ::poll(&poll, 1, 0) > 0;
}

void Channel::send(const ipc::WorkerMessage& message, std::span<const std::byte> payload)
{
    const auto header = ipc::to_header(message);
    const auto head = ipc::frame_head(header.size(), payload.size());
    iovec parts[] = {part(head.data(), head.size()), part(header.data(), header.size()),
                     part(payload.data(), payload.size())};
    msghdr frame{};
    frame.msg_iov = parts;
    frame.msg_iovlen = std::size(parts);

    const std::scoped_lock lock(sending_);
    while (frame.msg_iovlen > 0) {
        const auto wrote = ::sendmsg(descriptor_, &frame, MSG_NOSIGNAL);
        if (wrote < 0 && errno != EINTR)
            leave();
        auto rest = static_cast<std::size_t>(wrote < 0 ? 0 : wrote);
        while (frame.msg_iovlen > 0 && rest >= frame.msg_iov->iov_len) {
            rest -= frame.msg_iov->iov_len;
            ++frame.msg_iov;
            --frame.msg_iovlen;
        }
        if (frame.msg_iovlen > 0) {
            frame.msg_iov->iov_base = static_cast<std::byte*>(frame.msg_iov->iov_base) + rest;
            frame.msg_iov->iov_len -= rest;
        }
    }
}

void Channel::watch(std::chrono::milliseconds duration) const
{
    pollfd poll{.fd = descriptor_, .events = POLLRDHUP, .revents = 0};
    if (::poll(&poll, 1, static_cast<int>(duration.count())) > 0)
        leave();
}

void Channel::fail(ipc::WorkerExit code, const std::string& why)
{
    std::fprintf(stderr, "embedd-worker: %s\n", why.c_str());
    send(ipc::WorkerFailed{.exit_code = static_cast<int>(code), .message = why});
    ::_exit(static_cast<int>(code));
}

void Channel::fail(const Failure& why)
{
    fail(exit_of(why.code), why.detail);
}

} // namespace embedd::model
