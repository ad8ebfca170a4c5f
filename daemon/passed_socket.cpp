#include "daemon/passed_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::daemon {
namespace {

constexpr int first_passed = 3;

std::string taken_from_environment(const char* name)
{
    const char* value = std::getenv(name);
    std::string taken = value != nullptr ? value : "";
    ::unsetenv(name);
    return taken;
}

std::optional<int> number(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<int> socket_option(int descriptor, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? std::optional(value)
                                                                            : std::nullopt;
}

// What keeps it from being a listening Unix stream socket, in words; empty: nothing.
std::string fault_of(int descriptor)
{
    const auto domain = socket_option(descriptor, SO_DOMAIN);
    if (!domain)
        return ::fcntl(descriptor, F_GETFD) < 0 ? "not open" : "not a socket";
    if (*domain != AF_UNIX)
        return *domain == AF_INET || *domain == AF_INET6 ? "an internet socket" : "no Unix socket";
    if (socket_option(descriptor, SO_TYPE) != SOCK_STREAM)
        return "a Unix socket that is no stream (ListenStream= makes one)";
    if (socket_option(descriptor, SO_ACCEPTCONN) != 1)
        return "a Unix socket that does not listen (Accept=no is needed)";
    return {};
}

std::filesystem::path path_of(int descriptor)
{
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        size <= offsetof(sockaddr_un, sun_path))
        return {};
    std::string_view bytes(address.sun_path, size - offsetof(sockaddr_un, sun_path));
    if (bytes.front() == '\0') // abstract
        return "@" + std::string(bytes.substr(1));
    return bytes.substr(0, bytes.find('\0'));
}

std::vector<std::string> split(std::string_view names)
{
    std::vector<std::string> parts;
    for (std::size_t colon = 0; colon != std::string_view::npos; names.remove_prefix(colon + 1)) {
        colon = names.find(':');
        parts.emplace_back(names.substr(0, colon));
        if (colon == std::string_view::npos)
            break;
    }
    return parts;
}

// Of several sockets the one that is named as ours.
std::optional<int> named_as_ours(int count, const std::vector<std::string>& names)
{
    for (int at = 0; at < count && at < static_cast<int>(names.size()); ++at) {
        const std::string& name = names[static_cast<std::size_t>(at)];
        if (name == "embedd" || name == "embedd.socket")
            return first_passed + at;
    }
    return std::nullopt;
}

} // namespace

Result<std::optional<PassedSocket>> take_passed_socket()
{
    const auto pid = number(taken_from_environment("LISTEN_PID"));
    const auto count = number(taken_from_environment("LISTEN_FDS"));
    const auto names = taken_from_environment("LISTEN_FDNAMES");
    if (pid != ::getpid() || !count || *count <= 0)
        return std::nullopt; // meant for another process, or none

    const auto ours = *count == 1 ? std::optional(first_passed) : named_as_ours(*count, split(names));
    if (!ours) {
        return Failure{ExitCode::configuration, std::to_string(*count) +
                                                    " sockets were passed and none is named: set "
                                                    "FileDescriptorName=embedd in embedd.socket"};
    }
    if (const auto fault = fault_of(*ours); !fault.empty()) {
        return Failure{ExitCode::configuration,
                       "descriptor " + std::to_string(*ours) + " passed by systemd is " + fault};
    }
    Descriptor descriptor(*ours);
    ::fcntl(*ours, F_SETFD, FD_CLOEXEC);
    ::fcntl(*ours, F_SETFL, ::fcntl(*ours, F_GETFL) | O_NONBLOCK);
    return PassedSocket{std::move(descriptor), path_of(*ours)};
}

} // namespace embedd::daemon
