#include "daemon/rewarm_call.hpp"

#include <utility>

namespace embedd::daemon {

ipc::Result<void> RewarmCall::start(const ipc::RewarmRequest& request, const std::string& who)
{
    auto begun = rewarming_.start(
        request, who,
        [self = shared_from_this()](const ipc::RewarmEvent& event) {
            if (self->answer_)
                self->answer_({.frame = {ipc::to_header(self->id_, event), {}}, .more = true});
        },
        [self = shared_from_this()](const ipc::RewarmReply& reply) {
            self->running_.reset();
            if (const auto answer = std::exchange(self->answer_, nullptr))
                answer({.frame = {ipc::to_header(self->id_, reply), {}}});
        });
    if (!begun)
        return begun.error();
    running_ = *begun;
    return {};
}

void RewarmCall::abandon()
{
    answer_ = nullptr;
    if (running_)
        rewarming_.cancel(*running_);
}

} // namespace embedd::daemon
