#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace embedd::daemon {

// Messages to the service manager (sd_notify(3)), as datagrams of our own that never block: libsystemd's wait
// when the manager's queue is full. Without NOTIFY_SOCKET every call does nothing. Event loop's thread only.
class Notify {
public:
    // Takes NOTIFY_SOCKET and WATCHDOG_* out of the environment, so that no child inherits them.
    [[nodiscard]] static Notify from_environment();
    ~Notify();
    Notify(Notify&&) noexcept;
    Notify& operator=(Notify&&) noexcept;

    void ready(std::string_view status);
    void reloading();                   // READY=1 follows, whether it succeeds or not
    void status(std::string_view text); // one line; sent only when it changed
    void stopping(std::string_view status);
    void failed(std::string_view status, int error); // STATUS= and ERRNO=
    void watchdog();
    void extend_timeout(std::chrono::microseconds by);

    // How often systemd wants to hear from us; nothing when it does not watch. Ping at half of it.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const noexcept
    {
        return watchdog_;
    }

private:
    Notify() = default;
    void send(std::string_view message);

    int socket_ = -1;
    std::string address_; // sockaddr_un, as bytes
    std::string last_status_;
    std::string owed_; // a change of state that the manager had no room for
    std::optional<std::chrono::microseconds> watchdog_;
};

} // namespace embedd::daemon
