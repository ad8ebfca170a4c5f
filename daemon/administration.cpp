#include "daemon/administration.hpp"

#include "daemon/draining.hpp"
#include "daemon/generations.hpp"
#include "daemon/log.hpp"
#include "daemon/progress_call.hpp"
#include "daemon/reloading.hpp"
#include "daemon/rewarming.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace embedd::daemon {

std::span<const std::string_view> Administration::ops()
{
    static constexpr std::array<std::string_view, 5> names{"rewarm", "reload", "drain", "resume",
                                                           "restart_replica"};
    return names;
}

std::shared_ptr<Call> Administration::begin(const Caller& caller, const ipc::Request& request,
                                            const Operations::Answer& answer)
{
    const auto op = ipc::op_name(request.operation);
    if (std::ranges::find(ops(), op) == ops().end())
        return nullptr;
    const auto call = std::make_shared<ProgressCall>(
        request.id, answer, [this](ipc::ErrorType type) { parts_.metrics.refused(type); });
    if (!caller.admin) {
        parts_.log.notice(std::string(op) + " refused to " + caller.name + ": it is no admin");
        call->refuse(
            {ipc::ErrorType::forbidden,
             std::string(op) + " is for root, the daemon's own user and members of group embedd-admin",
             {}});
    } else if (const auto* rewarm_asked = std::get_if<ipc::RewarmRequest>(&request.operation)) {
        rewarm(call, caller.name, *rewarm_asked);
    } else if (const auto* reload_asked = std::get_if<ipc::ReloadRequest>(&request.operation)) {
        reload(call, caller.name, *reload_asked);
    } else if (const auto* restart_asked = std::get_if<ipc::RestartReplicaRequest>(&request.operation)) {
        restart(call, caller.name, *restart_asked);
    } else if (std::holds_alternative<ipc::DrainRequest>(request.operation)) {
        drain(call, caller.name);
    } else {
        resume(call, caller.name);
    }
    return call;
}

void Administration::rewarm(const std::shared_ptr<ProgressCall>& call, const std::string& who,
                            const ipc::RewarmRequest& request)
{
    if (request.dry_run)
        return call->finish(parts_.rewarming.dry_run(request));
    if (parts_.reloading.under_way())
        return call->refuse({ipc::ErrorType::overloaded,
                             "a model is being loaded and warmed: wait for the reload's end", 1000});
    const auto begun = parts_.rewarming.start(
        request, who, [call](const ipc::Progress& progress) { call->tell(progress); },
        [call](const ipc::RewarmReply& reply) { call->finish(ipc::Answer(reply)); });
    if (!begun)
        return call->refuse(begun.error());
    call->when_abandoned([this, id = *begun] { parts_.rewarming.cancel(id); });
}

void Administration::reload(const std::shared_ptr<ProgressCall>& call, const std::string& who,
                            const ipc::ReloadRequest& request)
{
    if (request.dry_run)
        return call->finish(parts_.reloading.check(request));
    const auto begun = parts_.reloading.start(
        request, who, [call](const ipc::Progress& progress) { call->tell(progress); },
        [call](const ipc::Result<ipc::ReloadReply>& result) { call->finish(result); });
    if (!begun)
        call->refuse(begun.error());
}

void Administration::drain(const std::shared_ptr<ProgressCall>& call, const std::string& who)
{
    parts_.draining.start(
        who, [call](const ipc::Progress& progress) { call->tell(progress); },
        [call](const ipc::Result<ipc::DrainReply>& result) { call->finish(result); });
}

void Administration::resume(const std::shared_ptr<ProgressCall>& call, const std::string& who)
{
    call->finish(parts_.draining.resume(who));
}

void Administration::restart(const std::shared_ptr<ProgressCall>& call, const std::string& who,
                             const ipc::RestartReplicaRequest& request)
{
    if (request.dry_run) {
        const auto all = parts_.generations.current().replicas(Clock::now());
        const auto found = std::ranges::find(all, request.replica, &ipc::ReplicaStatus::id);
        if (found != all.end())
            return call->finish(ipc::Answer(
                ipc::RestartReplicaReply{.dry_run = true, .replica = found->id, .pid = found->pid}));
    }
    const auto begun = parts_.generations.current().restart(
        request.replica, [call](const ipc::Progress& progress) { call->tell(progress); },
        [call](const ipc::Result<ipc::RestartReplicaReply>& result) { call->finish(result); });
    if (!begun)
        return call->refuse(begun.error());
    parts_.log.notice("replica " + std::to_string(request.replica) + " is restarted, asked for by " + who);
}

} // namespace embedd::daemon
