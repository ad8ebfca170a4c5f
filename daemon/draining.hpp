#pragma once

#include "daemon/lifecycle.hpp"
#include "ipc/error.hpp"
#include "ipc/reply.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace embedd::daemon {

class Log;
class Operations;

// The service takes no new work until it is told to resume; what was accepted is answered. Event loop's
// thread only.
class Draining {
public:
    using OnProgress = std::function<void(const ipc::Progress&)>;
    using Done = std::function<void(const ipc::Result<ipc::DrainReply>&)>;

    Draining(const boost::asio::any_io_executor&, Operations&, Lifecycle&, Log&);

    // Done once nothing is under way, exactly once; at once where nothing is. Asked for again while it
    // drains, both wait.
    void start(const std::string& who, OnProgress, Done);
    // Who waits for the end of a drain is told that it was called off.
    [[nodiscard]] ipc::ResumeReply resume(const std::string& who);
    void stop();

private:
    struct Waiting {
        Clock::time_point begun;
        std::uint64_t at_first = 0; // requests under way
        OnProgress on_progress;
        Done done;
    };

    void look();
    void end_all(const ipc::Error&);

    boost::asio::steady_timer again_;
    Operations& operations_;
    Lifecycle& lifecycle_;
    Log& log_;
    std::vector<Waiting> waiting_;
    bool drains_ = false, stopped_ = false;
};

} // namespace embedd::daemon
