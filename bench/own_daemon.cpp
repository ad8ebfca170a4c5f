#include "bench/own_daemon.hpp"

#include "bench/notify_socket.hpp"

#include <stdlib.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace embedd::bench {

using std::chrono::steady_clock;

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
