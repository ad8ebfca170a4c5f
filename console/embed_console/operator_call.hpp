#pragma once

#include "console/command_line/target.hpp"
#include "console/screen/update.hpp"

#include <functional>
#include <thread>

namespace embedd::console {

// What the daemon would do, asked in the caller's thread: nothing changes.
[[nodiscard]] screen::Reply dry_run(ipc::Client&, const screen::Action&);

// One request of the operator, over a connection and in a thread of its own, so that the picture goes on.
// Its end is the connection's: the daemon ends a re-warm whose operator left.
class OperatorCall {
public:
    using Tell = std::function<void(screen::Event)>;

    // Both tell what comes of it.
    struct DryRun {};
    struct ForEarnest {};
    OperatorCall(DryRun, ipc::Client::Options, screen::Action, Tell);
    OperatorCall(ForEarnest, ipc::Client::Options, screen::Action, Tell);
    ~OperatorCall();
    OperatorCall(const OperatorCall&) = delete;
    OperatorCall& operator=(const OperatorCall&) = delete;

    void give_up() noexcept; // it tells of an end soon

private:
    ipc::Client client_;
    std::jthread thread_; // last: it uses the client
};

} // namespace embedd::console
