#pragma once

#include "daemon/engine.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <optional>
#include <string>

namespace embedd::daemon {

class Replica;

// A replica that an operator has restarted, until it serves again: tells the steps, then how it went. One at
// a time; another one is told so. Nothing is called from within.
class ReplicaRestart {
public:
    explicit ReplicaRestart(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    [[nodiscard]] bool under_way() const { return running_.has_value(); }
    void begin(const Replica&, OnProgress, OnRestarted, Clock::time_point now);

    void step(const Replica&, std::string step, std::uint64_t done, std::uint64_t total);
    void serves(const Replica&, Clock::time_point now);
    void ended(const Replica&, const std::string& how); // its worker did, wanted or not
    void stop();

private:
    struct Running {
        std::uint64_t replica = 0;
        Clock::time_point begun;
        OnProgress on_progress;
        OnRestarted done;
        bool old_one_ended = false;
    };

    [[nodiscard]] bool is_of(const Replica&) const;
    void finish(ipc::Result<ipc::RestartReplicaReply>);

    boost::asio::any_io_executor executor_;
    std::optional<Running> running_;
};

} // namespace embedd::daemon
