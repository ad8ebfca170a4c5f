#pragma once

#include "daemon/generations.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/status_report.hpp"
#include "daemon/warm_up_history.hpp"
#include "ipc/reply.hpp"

#include <functional>
#include <optional>
#include <string>

namespace embedd::daemon {

class Log;

// Warm-ups of a service that serves: asked for by an operator or a signal, run by the engine, shown in the
// state, and kept in the history. One at a time. Event loop's thread only.
class Rewarming {
public:
    using Done = std::function<void(const ipc::RewarmReply&)>;

    struct Parts {
        Generations& generations;
        Lifecycle& lifecycle;
        WarmUpState& warm_up;
        WarmUpHistory& history;
        const std::optional<ipc::ModelCard>& card;
        Log& log;
    };
    explicit Rewarming(Parts parts) : parts_(parts) {}

    // `who` asked, for the log. Neither function is called from within; done exactly once unless refused.
    [[nodiscard]] ipc::Result<RewarmId> start(const ipc::RewarmRequest&, const std::string& who, OnProgress,
                                              Done);
    void cancel(RewarmId);
    void stop(); // what is under way is cancelled: it must not hold up the service's end
    [[nodiscard]] ipc::Result<ipc::RewarmReply> dry_run(const ipc::RewarmRequest&) const;

private:
    [[nodiscard]] ipc::RewarmReply finish(const RewarmOutcome&, const std::string& started,
                                          Clock::time_point begun);

    Parts parts_;
    std::optional<RewarmId> running_;
};

} // namespace embedd::daemon
