#include "bench/own_daemon.hpp"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace embedd::bench {

using std::chrono::steady_clock;

namespace {

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

PrivateDirectory::PrivateDirectory()
{
    std::string path = std::filesystem::temp_directory_path() / "embed-bench-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), "cannot make the directory " + path);
    path_ = path;
}

PrivateDirectory::~PrivateDirectory()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

OwnDaemon::OwnDaemon(std::vector<std::string> command, std::chrono::seconds limit)
{
    const std::string notify_path = directory_.path() / "notify";
    const NotifySocket notify{notify_path};
    command.insert(command.end(), {"--socket", socket().string()});

    const auto begun = steady_clock::now();
    child_.emplace(command, std::vector<std::string>{"NOTIFY_SOCKET=" + notify_path});
    while (!notify.ready_within(std::chrono::milliseconds{50})) {
        if (child_->ended())
            throw std::runtime_error(command.front() +
                                     " ended before it was ready; what it wrote above says why");
        if (steady_clock::now() - begun > limit)
            throw std::runtime_error(command.front() + " was not ready within " +
                                     std::to_string(limit.count()) + " s");
    }
    to_ready_ = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);
}

} // namespace embedd::bench
