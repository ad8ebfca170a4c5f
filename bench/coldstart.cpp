#include "bench/coldstart.hpp"

#include "bench/child.hpp"
#include "ipc/client.hpp"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace embedd::bench {

namespace {

using std::chrono::steady_clock;

class PrivateDirectory {
public:
    PrivateDirectory()
    {
        if (::mkdtemp(path_.data()) == nullptr)
            throw std::system_error(errno, std::generic_category(), "mkdtemp");
    }
    ~PrivateDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;

    [[nodiscard]] std::string file(std::string_view name) const { return path_ + '/' + std::string{name}; }

private:
    std::string path_ = "/tmp/embed-bench-XXXXXX";
};

// The service manager's side of sd_notify(3).
class NotifySocket {
public:
    explicit NotifySocket(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        if (socket_ < 0 || ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
            throw std::system_error(errno, std::generic_category(), "notify socket");
    }
    ~NotifySocket() { ::close(socket_); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    // Whether READY=1 came within the time.
    [[nodiscard]] bool ready_within(std::chrono::milliseconds time) const
    {
        pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(time.count())) != 1)
            return false;
        std::array<char, 4096> message{};
        const auto got = ::recv(socket_, message.data(), message.size(), 0);
        return got > 0 &&
               ('\n' + std::string(message.data(), static_cast<std::size_t>(got))).find("\nREADY=1") !=
                   std::string::npos;
    }

private:
    int socket_;
};

} // namespace

Coldstart measure_coldstart(const ColdstartOptions& options)
{
    const PrivateDirectory directory;
    const auto socket = directory.file("embedd.sock");
    const NotifySocket notify{directory.file("notify")};
    std::vector<std::string> command{options.daemon.string(), "--socket", socket};
    command.insert(command.end(), options.arguments.begin(), options.arguments.end());

    const auto begun = steady_clock::now();
    Child daemon{command, {"NOTIFY_SOCKET=" + directory.file("notify")}};
    while (!notify.ready_within(std::chrono::milliseconds{50})) {
        if (daemon.ended())
            throw std::runtime_error("embedd ended before it was ready");
        if (steady_clock::now() - begun > options.limit)
            throw std::runtime_error("embedd was not ready in time");
    }
    const auto to_ready = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);

    ipc::Client client{{.socket = socket, .timeout = std::chrono::seconds{30}, .name = "embed-bench"}};
    auto status = client.status();
    if (!status)
        throw std::runtime_error(status.error().error.message);
    return {.to_ready = to_ready, .status = std::move(status->status)};
}

} // namespace embedd::bench
