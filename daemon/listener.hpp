#pragma once

#include "daemon/failure.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace embedd::daemon {

struct ListenOptions {
    std::optional<std::filesystem::path> socket; // nothing: passed by systemd, else this user's default
    std::optional<mode_t> mode;
    std::string group;
};

// The daemon's listening Unix socket. Passed by systemd (LISTEN_FDS): used as it is, neither locked, chmoded
// nor unlinked. Bound by us: a stale file is taken over only under a flock of "<socket>.lock"
// (ExitCode::already_running when another daemon holds it), mode and group are set before listen(), and the
// file is unlinked at the end only if it is still ours. What is no socket is never removed.
class Listener {
public:
    // Takes LISTEN_* out of the environment.
    [[nodiscard]] static Result<Listener> open(const ListenOptions&);
    ~Listener();
    Listener(Listener&&) noexcept;
    Listener& operator=(Listener&&) noexcept;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; } // non-blocking; owned by this
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] bool passed() const noexcept { return lock_ < 0; }

    // Bound by us and the file was removed or replaced: nobody new can reach us.
    [[nodiscard]] bool lost() const;

private:
    Listener() = default;
    void close() noexcept;

    int descriptor_ = -1;
    int lock_ = -1;
    std::filesystem::path path_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace embedd::daemon
