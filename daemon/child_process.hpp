#pragma once

#include "daemon/descriptor.hpp"
#include "daemon/failure.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

struct ChildCommand {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    std::vector<int> cpus;    // that it may run on; none: where we may
    int channel = -1;         // found by the child as descriptor 3; -1: it has none
    int standard_output = -1; // -1: ours
    int standard_error = -1;  // -1: ours
};

// How a process ended: its exit code, or the signal that killed it.
struct ChildExit {
    std::optional<int> code;
    std::optional<int> signal;
};

// "exit status 78", "killed by SIGKILL"
[[nodiscard]] std::string describe(const ChildExit&);

// A program of ours in a process of its own that cannot outlive the thread that spawned it: killed with it,
// in a session of its own, signals as at first, nothing open but 0-2 (0 is /dev/null) and its channel,
// without what systemd told us alone, with a raised oom_score_adj, no core dumps, and the limit of open files
// that we were started with.
class ChildProcess {
public:
    // Returns when the program runs, or with why it does not.
    [[nodiscard]] static Result<ChildProcess> spawn(const ChildCommand&);
    ~ChildProcess(); // kills and reaps
    ChildProcess(ChildProcess&&) noexcept = default;
    ChildProcess& operator=(ChildProcess&&) noexcept = delete;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    // Readable once the process ended. A descriptor of the caller's own.
    [[nodiscard]] Descriptor exit_descriptor() const;

    void kill() noexcept; // SIGKILL, unless it was reaped

    // How it ended, if it did. To be asked until it says so, and not after.
    [[nodiscard]] std::optional<ChildExit> reap() noexcept;

private:
    ChildProcess(pid_t pid, Descriptor pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

    pid_t pid_;
    Descriptor pidfd_; // gives way once the process is reaped
};

} // namespace embedd::daemon
