#pragma once

#include "ipc/client.hpp"

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

// A started embedd with a fake worker, a directory of its own and its own service manager's socket. Killed
// and reaped at the end, with everything it left.
class DaemonProcess {
public:
    struct Settings {
        std::vector<std::string> arguments; // added to --model, --worker and --socket
        std::vector<std::string> faults;    // of the fake worker, from the start
        std::optional<std::filesystem::path> model;
        std::filesystem::path state;       // its --state-directory
        std::optional<rlimit> descriptors; // that it is started with; else ours
    };
    explicit DaemonProcess(const Settings&);
    DaemonProcess() : DaemonProcess(Settings{}) {}
    ~DaemonProcess();
    DaemonProcess(const DaemonProcess&) = delete;
    DaemonProcess& operator=(const DaemonProcess&) = delete;

    [[nodiscard]] const std::filesystem::path& socket() const { return socket_; }
    [[nodiscard]] pid_t pid() const { return pid_; }

    void set_fault(const std::string& name) const;
    void end_fault(const std::string& name) const;
    // A line for each batch the worker took, and, where "visits" is among the faults, for each visit.
    [[nodiscard]] std::vector<std::string> batches() const { return lines("log"); }
    [[nodiscard]] std::vector<std::string> visits() const { return lines("visits"); }

    // What systemd was told so far, a message each.
    [[nodiscard]] const std::vector<std::string>& notices();
    [[nodiscard]] bool said(const std::string& start); // a line that begins so

    void signal(int number) const;
    [[nodiscard]] int wait_for_exit(); // its exit code; 128 + the signal that killed it
    [[nodiscard]] bool wait_until_ready();
    [[nodiscard]] std::size_t descriptors() const;
    [[nodiscard]] std::size_t resident_bytes() const;
    [[nodiscard]] std::chrono::milliseconds cpu_time() const;
    [[nodiscard]] ipc::Client client() const;

private:
    [[nodiscard]] std::vector<std::string> lines(const std::string& name) const;

    std::filesystem::path directory_, socket_;
    int manager_ = -1;
    pid_t pid_ = -1;
    std::vector<std::string> notices_;
};

// Polls until it holds; false after a generous limit.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

} // namespace embedd::daemon
