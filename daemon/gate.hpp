#pragma once

#include "daemon/lifecycle.hpp"
#include "ipc/error.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace embedd::daemon {

// Holds work while the service starts, so that a restart is a pause for clients and not an error: bounded by
// each request's own deadline, by a limit of time, and in number. A value driven by events that carry
// their time.
class Gate {
public:
    using Ticket = std::uint64_t;
    using Verdict = std::function<void(std::optional<ipc::Error>)>; // nothing: go on
    static constexpr std::size_t held_max = 65'536;

    explicit Gate(std::chrono::milliseconds hold_limit) : hold_limit_(hold_limit) {}

    // Nothing: it may go on at once.
    [[nodiscard]] bool open() const noexcept { return open_ && !draining_; }

    // Keeps the request until the gate opens or its time is over, or says why not: the client does not want
    // to wait, or too many do.
    [[nodiscard]] ipc::Result<Ticket> hold(bool wait, std::optional<Clock::time_point> deadline,
                                           Clock::time_point now, Verdict);
    void forget(Ticket);

    void let_pass();             // READY: everything held goes on, in the order it came
    void close();                // not ready any more: what comes is held again
    void drain(std::string why); // what is held and what comes is refused
    void resume();               // what comes passes or is held, as before
    void expire(Clock::time_point now);
    [[nodiscard]] std::optional<Clock::time_point> next_expiry() const;

private:
    struct Held {
        Clock::time_point until;
        bool by_own_deadline;
        Verdict verdict;
    };

    void release(std::optional<ipc::Error> verdict);

    std::chrono::milliseconds hold_limit_;
    bool open_ = false;
    std::optional<ipc::Error> draining_; // what everybody is told
    Ticket next_ = 1;
    std::map<Ticket, Held> held_;
    std::multimap<Clock::time_point, Ticket> by_time_;
};

} // namespace embedd::daemon
