#pragma once

#include "daemon/operations.hpp"
#include "daemon/rewarming.hpp"

#include <memory>

namespace embedd::daemon {

// A re-warm that a client asked for and listens to: events while it runs, then the report. It ends with the
// client's interest: who cancels or leaves ends it.
class RewarmCall : public Call, public std::enable_shared_from_this<RewarmCall> {
public:
    RewarmCall(Rewarming& rewarming, ipc::Id id, Operations::Answer answer)
        : rewarming_(rewarming), id_(std::move(id)), answer_(std::move(answer))
    {
    }

    // Refused: it is not answered, and not to be kept.
    [[nodiscard]] ipc::Result<void> start(const ipc::RewarmRequest&, const std::string& who);
    void abandon() override;

private:
    Rewarming& rewarming_;
    ipc::Id id_;
    Operations::Answer answer_;
    std::optional<RewarmId> running_;
};

} // namespace embedd::daemon
