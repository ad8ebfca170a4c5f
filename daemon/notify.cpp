#include "daemon/notify.hpp"

#include "daemon/unix_address.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <utility>

namespace embedd::daemon {
namespace {

std::string taken_from_environment(const char* name)
{
    const char* value = std::getenv(name);
    std::string taken = value != nullptr ? value : "";
    ::unsetenv(name);
    return taken;
}

std::optional<long long> number(std::string_view text)
{
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// A line break would begin another assignment.
std::string one_line(std::string_view text)
{
    std::string line(text);
    for (char& character : line) {
        if (character == '\n' || character == '\r')
            character = ' ';
    }
    return line;
}

} // namespace

Notify Notify::from_environment()
{
    Notify notify;
    const auto socket = taken_from_environment("NOTIFY_SOCKET");
    const auto interval = number(taken_from_environment("WATCHDOG_USEC"));
    const auto pid = taken_from_environment("WATCHDOG_PID");

    if (socket.starts_with('/') || socket.starts_with('@')) {
        if (auto address = unix_address(socket)) {
            notify.address_ = std::move(*address);
            notify.socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        }
    }
    if (interval && *interval > 0 && (pid.empty() || number(pid) == ::getpid()))
        notify.watchdog_ = std::chrono::microseconds(*interval);
    return notify;
}

Notify::~Notify()
{
    if (socket_ >= 0)
        ::close(socket_);
}

Notify::Notify(Notify&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), address_(std::move(other.address_)),
      last_status_(std::move(other.last_status_)), owed_(std::move(other.owed_)), watchdog_(other.watchdog_)
{
}

Notify& Notify::operator=(Notify&& other) noexcept
{
    std::swap(socket_, other.socket_);
    std::swap(address_, other.address_);
    std::swap(last_status_, other.last_status_);
    std::swap(owed_, other.owed_);
    std::swap(watchdog_, other.watchdog_);
    return *this;
}

void Notify::ready(std::string_view status)
{
    last_status_ = one_line(status);
    owed_ = "READY=1\n";
    send("STATUS=" + last_status_);
}

void Notify::reloading()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto us =
        static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
    owed_ = "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us) + '\n';
    send("STATUS=" + last_status_);
}

void Notify::status(std::string_view text)
{
    auto line = one_line(text);
    if (line == last_status_)
        return;
    last_status_ = std::move(line);
    send("STATUS=" + last_status_);
}

void Notify::stopping(std::string_view status)
{
    last_status_ = one_line(status);
    owed_ = "STOPPING=1\n";
    send("STATUS=" + last_status_);
}

void Notify::failed(std::string_view status, int error)
{
    last_status_ = one_line(status);
    send("STATUS=" + last_status_ + "\nERRNO=" + std::to_string(error));
}

void Notify::watchdog()
{
    send("WATCHDOG=1");
}

void Notify::extend_timeout(std::chrono::microseconds by)
{
    send("EXTEND_TIMEOUT_USEC=" + std::to_string(by.count()));
}

// What the manager has no room for is lost, except a change of state: it goes with the next message.
void Notify::send(std::string_view message)
{
    if (socket_ < 0)
        return;
    const std::string whole = owed_ + std::string(message);
    // Addressed each time: the manager's socket may be made anew by a daemon-reexec.
    const auto sent =
        ::sendto(socket_, whole.data(), whole.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(address_.data()), static_cast<socklen_t>(address_.size()));
    if (sent < 0)
        last_status_.clear(); // so that the same line is sent again
    else
        owed_.clear();
}

} // namespace embedd::daemon
