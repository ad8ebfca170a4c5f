#include "console/embed_console/snapshot.hpp"

#include "ipc/subscription.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace embedd::console {

namespace {

std::string name_of_now()
{
    const auto now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "embedd-status-%Y%m%d-%H%M%S.json", &local)};
}

} // namespace

std::string export_snapshot(const ipc::Status& status)
{
    const auto name = name_of_now();
    const auto text = to_text(status) + '\n';
    const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return "cannot write " + name + ": " + std::strerror(errno);
    const bool whole = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    return ::close(file) == 0 && whole ? "wrote " + name : name + " is not whole: is the disk full?";
}

} // namespace embedd::console
