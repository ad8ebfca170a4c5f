#pragma once

#include "bench/child.hpp"
#include "bench/notify_socket.hpp"
#include "bench/own_daemon.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::bench {

// A listening socket that outlives those who serve it, as a socket unit's does.
class ListeningSocket {
public:
    explicit ListeningSocket(const std::filesystem::path& path);
    ~ListeningSocket();
    ListeningSocket(const ListeningSocket&) = delete;
    ListeningSocket& operator=(const ListeningSocket&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

// A daemon as systemd keeps it with its socket unit: the socket is ours and is passed to each start, so that
// clients who come between two daemons wait in the kernel's queue. Ended with this object.
class KeptDaemon {
public:
    // Starts it and waits for READY=1. `command`: the program and its options besides --socket. Throws
    // std::runtime_error when it ends or is not ready within the limit.
    KeptDaemon(std::vector<std::string> command, std::vector<std::string> environment,
               std::chrono::seconds limit = std::chrono::minutes{2});

    // Sends the signal, waits for the daemon's end and starts the next. Throws as the constructor does, and
    // where the signal did not end it within the limit.
    void restart(int signal);

    // Whether it still runs: nobody but restart() may end it.
    [[nodiscard]] bool runs();
    [[nodiscard]] std::filesystem::path socket() const { return directory_.path() / "embedd.sock"; }

private:
    void start();

    std::vector<std::string> command_, environment_;
    std::chrono::seconds limit_;
    PrivateDirectory directory_;
    NotifySocket notify_;
    ListeningSocket listening_;
    std::optional<Child> child_; // last: it ends before what it uses
};

} // namespace embedd::bench
