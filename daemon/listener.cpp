#include "daemon/listener.hpp"

#include "daemon/descriptor.hpp"
#include "daemon/passed_socket.hpp"
#include "daemon/unix_address.hpp"
#include "ipc/endpoint.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

namespace embedd::daemon {
namespace {

namespace fs = std::filesystem;

constexpr int backlog = 4096;
constexpr std::string_view default_group = "embedd"; // need not exist: nobody asked for it

Failure cannot(std::string_view what, const fs::path& path, int error, ExitCode code = ExitCode::failure)
{
    return {code, std::string(what) + " " + path.string() + ": " + std::strerror(error)};
}

Result<fs::path> path_of(const ListenOptions& options)
{
    const auto path = options.socket ? options.socket : ipc::default_socket_of_this_user();
    if (!path) {
        return Failure{ExitCode::usage, "no place for the socket: XDG_RUNTIME_DIR is not set; name one by "
                                        "--socket or EMBEDD_SOCKET"};
    }
    if (path->empty() || path->native().size() > ipc::socket_path_max) {
        return Failure{ExitCode::configuration,
                       "socket path of " + std::to_string(path->native().size()) + " bytes, not 1 to " +
                           std::to_string(ipc::socket_path_max) + ": " + path->string()};
    }
    return *path;
}

// The directory of a default place is made for us alone, or for all when we are root.
Result<void> provide_directory(const fs::path& directory)
{
    const mode_t mode = ::geteuid() == 0 ? 0755 : 0700;
    if (directory.empty() || ::mkdir(directory.c_str(), mode) == 0 || errno == EEXIST)
        return {};
    return cannot("cannot make directory", directory, errno);
}

std::string holder_of(int lock)
{
    std::array<char, 32> text{};
    const auto got = ::pread(lock, text.data(), text.size(), 0);
    const std::string_view said(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    const auto pid = said.substr(0, said.find_first_not_of("0123456789"));
    return pid.empty() ? "" : " (pid " + std::string(pid) + ")";
}

// Held for as long as we live, and never removed: an unlinked lock file locks nothing.
Result<Descriptor> lock(const fs::path& socket)
{
    const fs::path path = socket.string() + ".lock";
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return cannot("cannot open", path, errno);
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return cannot("cannot lock", path, errno);
        return Failure{ExitCode::already_running,
                       "another embedd" + holder_of(file.number()) + " listens on " + socket.string()};
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file.number(), 0) != 0 ||
        ::pwrite(file.number(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
        return cannot("cannot write", path, errno);
    return file;
}

// The lock is ours, so the socket file belongs to nobody alive, unless it is systemd's or another program's.
Result<void> remove_stale(const fs::path& path)
{
    struct stat file{};
    if (::lstat(path.c_str(), &file) != 0)
        return errno == ENOENT ? Result<void>{} : cannot("cannot look at", path, errno);
    if (!S_ISSOCK(file.st_mode)) {
        return Failure{ExitCode::configuration,
                       path.string() + " exists and is no socket: it is left alone; name another --socket"};
    }
    const auto address = unix_address(path.native());
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const bool answered = ::connect(probe.number(), reinterpret_cast<const sockaddr*>(address->data()),
                                    static_cast<socklen_t>(address->size())) == 0 ||
                          errno == EAGAIN;
    if (answered) {
        return Failure{ExitCode::already_running,
                       "another program listens on " + path.string() + " (embedd.socket, or no embedd)"};
    }
    if (::unlink(path.c_str()) != 0)
        return cannot("cannot remove the stale socket", path, errno);
    return {};
}

struct Access {
    mode_t mode;
    std::optional<gid_t> group;
};

// "embedd", or its number.
std::optional<gid_t> group_named(const std::string& name)
{
    if (const auto* known = ::getgrnam(name.c_str()))
        return known->gr_gid;
    gid_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    return error == std::errc{} && end == name.data() + name.size() && !name.empty() ? std::optional(number)
                                                                                     : std::nullopt;
}

Result<Access> access_by(const ListenOptions& options)
{
    const auto group = group_named(options.group);
    const bool nobody_asked = options.group.empty() || options.group == default_group;
    if (!group && !nobody_asked)
        return Failure{ExitCode::configuration, "--socket-group: there is no group '" + options.group + "'"};
    return Access{.mode = options.mode.value_or(group ? 0660 : 0600), .group = group};
}

// Nobody connects between bind and the right mode: the file is born without any right, and listen comes last.
Result<Descriptor> bind_at(const fs::path& path, const Access& access, bool group_required)
{
    const auto address = unix_address(path.native());
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return cannot("cannot make a socket for", path, errno);
    const mode_t before = ::umask(0777);
    const int bound = ::bind(socket.number(), reinterpret_cast<const sockaddr*>(address->data()),
                             static_cast<socklen_t>(address->size()));
    const int bind_error = errno;
    ::umask(before);
    if (bound != 0)
        return cannot("cannot bind", path, bind_error);

    mode_t mode = access.mode;
    int error = 0;
    if (access.group && ::lchown(path.c_str(), static_cast<uid_t>(-1), *access.group) != 0) {
        error = group_required ? errno : 0;
        mode &= ~static_cast<mode_t>(0070); // the file's group is not the one that was meant
    }
    if (error == 0 && ::chmod(path.c_str(), mode) != 0)
        error = errno;
    if (error == 0 && ::listen(socket.number(), backlog) != 0)
        error = errno;
    if (error != 0) {
        ::unlink(path.c_str());
        return cannot("cannot give its mode and group to", path, error);
    }
    return socket;
}

} // namespace

Result<Listener> Listener::open(const ListenOptions& options)
{
    Listener listener;
    auto passed = take_passed_socket();
    if (!passed)
        return passed.error();
    if (*passed) {
        listener.path_ = std::move((*passed)->path);
        listener.descriptor_ = (*passed)->descriptor.release();
        return listener;
    }

    const auto path = path_of(options);
    if (!path)
        return path.error();
    const auto access = access_by(options);
    if (!access)
        return access.error();
    if (const auto provided = provide_directory(path->parent_path()); !provided)
        return provided.error();
    auto locked = lock(*path);
    if (!locked)
        return locked.error();
    if (const auto removed = remove_stale(*path); !removed)
        return removed.error();
    auto socket = bind_at(*path, *access, options.group != default_group);
    if (!socket)
        return socket.error();
    struct stat file{};
    if (::lstat(path->c_str(), &file) != 0)
        return cannot("cannot look at", *path, errno);

    listener.descriptor_ = socket->release();
    listener.lock_ = locked->release();
    listener.path_ = *path;
    listener.device_ = file.st_dev;
    listener.inode_ = file.st_ino;
    return listener;
}

Listener::~Listener()
{
    close();
}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), lock_(std::exchange(other.lock_, -1)),
      path_(std::move(other.path_)), device_(other.device_), inode_(other.inode_)
{
}

Listener& Listener::operator=(Listener&& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    std::swap(lock_, other.lock_);
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
}

bool Listener::lost() const
{
    if (passed())
        return false;
    struct stat file{};
    return ::lstat(path_.c_str(), &file) != 0 || file.st_dev != device_ || file.st_ino != inode_;
}

void Listener::close() noexcept
{
    if (descriptor_ < 0)
        return;
    // Before the lock goes, so that nobody's new socket is removed.
    if (!passed() && !lost())
        ::unlink(path_.c_str());
    ::close(descriptor_);
    if (lock_ >= 0)
        ::close(lock_);
}

} // namespace embedd::daemon
