#pragma once

#include "bench/child.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::bench {

// A new directory that goes with everything in it.
class PrivateDirectory {
public:
    PrivateDirectory();
    ~PrivateDirectory();
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

// A daemon started for one measurement, on a private socket, and ended with this object. Nothing is sent to
// it here: the first request is the caller's.
class OwnDaemon {
public:
    // Waits for READY=1 on a notify socket of our own, as the service manager would. `command`: the program
    // and its options besides --socket. Throws std::runtime_error when it ends or is not ready within the
    // limit.
    explicit OwnDaemon(std::vector<std::string> command,
                       std::chrono::seconds limit = std::chrono::minutes{2});

    [[nodiscard]] std::chrono::microseconds to_ready() const noexcept { return to_ready_; } // from exec
    [[nodiscard]] pid_t pid() const noexcept { return child_->pid(); }
    [[nodiscard]] std::filesystem::path socket() const { return directory_.path() / "embedd.sock"; }

private:
    // Ours until the daemon, which is last, has ended.
    PrivateDirectory directory_;
    std::chrono::microseconds to_ready_{};
    std::optional<Child> child_;
};

} // namespace embedd::bench
