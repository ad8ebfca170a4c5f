#pragma once

#include "tests/daemon/front/daemon_process.hpp"

#include <cstdint>
#include <string>

namespace embedd::daemon {

// A ready daemon, and one client that sees whether all others leave without a trace.
class WatchedDaemon : public DaemonProcess {
public:
    explicit WatchedDaemon(const Settings& settings = {});

    [[nodiscard]] ipc::Status status();
    // Of all but the watcher.
    [[nodiscard]] std::uint64_t connections();
    // Comes to hold: nobody but the watcher, nothing in flight, waiting or held, descriptors as at first.
    [[nodiscard]] bool comes_to_rest();

private:
    ipc::Client watcher_;
    std::size_t descriptors_ = 0;
};

// An embed request of so many short texts.
[[nodiscard]] std::string request_of(std::size_t inputs, std::uint64_t id = 1);

// "ok", the type of the refusal, or "closed".
[[nodiscard]] std::string outcome_of(const DaemonProcess&, const std::string& request);

} // namespace embedd::daemon
