#pragma once

#include <chrono>
#include <string>

namespace embedd::bench {

// The service manager's side of sd_notify(3).
class NotifySocket {
public:
    explicit NotifySocket(const std::string& path);
    ~NotifySocket();
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    // Whether the next message came within the time and says READY=1.
    [[nodiscard]] bool ready_within(std::chrono::milliseconds time) const;
    // What was said so far is of no interest any more: its sender has ended.
    void forget() const;

private:
    int socket_;
};

} // namespace embedd::bench
