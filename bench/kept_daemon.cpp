#include "bench/kept_daemon.hpp"

#include "bench/let_pass.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace embedd::bench {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

ListeningSocket::ListeningSocket(const std::filesystem::path& path)
    : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (descriptor_ < 0 ||
        ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(descriptor_, SOMAXCONN) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot listen on " + path.string());
}

ListeningSocket::~ListeningSocket()
{
    ::close(descriptor_);
}

KeptDaemon::KeptDaemon(std::vector<std::string> command, std::vector<std::string> environment,
                       std::chrono::seconds limit)
    : command_(std::move(command)), environment_(std::move(environment)), limit_(limit),
      notify_(directory_.path() / "notify"), listening_(socket())
{
    environment_.push_back("NOTIFY_SOCKET=" + (directory_.path() / "notify").string());
    start();
}

void KeptDaemon::start()
{
    notify_.forget();
    child_.emplace(command_, environment_, listening_.descriptor());
    const auto deadline = steady_clock::now() + limit_;
    while (!notify_.ready_within(milliseconds{50})) {
        if (!runs())
            throw std::runtime_error(command_.front() +
                                     " ended before it was ready; what it wrote above says why");
        if (steady_clock::now() >= deadline)
            throw std::runtime_error(command_.front() + " was not ready within " +
                                     std::to_string(limit_.count()) + " s");
    }
}

void KeptDaemon::restart(int signal)
{
    if (!runs())
        throw std::runtime_error(command_.front() + " ended by itself; what it wrote above says why");
    child_->signal(signal);
    const auto deadline = steady_clock::now() + limit_;
    while (runs()) {
        if (steady_clock::now() >= deadline)
            throw std::runtime_error(command_.front() + " did not end within " +
                                     std::to_string(limit_.count()) + " s of signal " +
                                     std::to_string(signal));
        let_pass(milliseconds{5});
    }
    start();
}

bool KeptDaemon::runs()
{
    if (child_ && child_->ended())
        child_.reset();
    return child_.has_value();
}

} // namespace embedd::bench
