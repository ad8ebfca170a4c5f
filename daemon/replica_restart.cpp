#include "daemon/replica_restart.hpp"

#include "daemon/replica.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace embedd::daemon {

void ReplicaRestart::begin(const Replica& replica, OnProgress on_progress, OnRestarted done,
                           Clock::time_point now)
{
    running_.emplace(Running{.replica = replica.id(),
                             .begun = now,
                             .on_progress = std::move(on_progress),
                             .done = std::move(done),
                             .old_one_ended = replica.state() == Replica::State::dead});
    step(replica, "stop", 0, 1);
}

bool ReplicaRestart::is_of(const Replica& replica) const
{
    return running_ && running_->replica == replica.id();
}

void ReplicaRestart::step(const Replica& replica, std::string step, std::uint64_t done, std::uint64_t total)
{
    if (!is_of(replica) || !running_->on_progress)
        return;
    boost::asio::post(executor_,
                      [on_progress = running_->on_progress,
                       event = ipc::Progress{
                           .replica = replica.id(), .done = done, .total = total, .step = std::move(step)}] {
                          on_progress(event);
                      });
}

void ReplicaRestart::serves(const Replica& replica, Clock::time_point now)
{
    if (!is_of(replica) || !running_->old_one_ended)
        return;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - running_->begun);
    finish(ipc::RestartReplicaReply{.replica = replica.id(),
                                    .pid = replica.status().pid,
                                    .took_us = static_cast<std::uint64_t>(took.count())});
}

// The first end is the one that was asked for; a second one is of the worker that should have come back.
void ReplicaRestart::ended(const Replica& replica, const std::string& how)
{
    if (!is_of(replica))
        return;
    if (!std::exchange(running_->old_one_ended, true))
        return step(replica, "start", 0, 1);
    finish(ipc::Error{ipc::ErrorType::internal,
                      "replica " + std::to_string(replica.id()) + " did not come back (" + how +
                          "); it is tried again, see status",
                      std::nullopt});
}

void ReplicaRestart::stop()
{
    if (running_)
        finish(ipc::Error{ipc::ErrorType::draining, "the service is stopping", std::nullopt});
}

void ReplicaRestart::finish(ipc::Result<ipc::RestartReplicaReply> result)
{
    auto ended = std::move(*running_);
    running_.reset();
    if (ended.done)
        boost::asio::post(executor_,
                          [done = std::move(ended.done), result = std::move(result)] { done(result); });
}

} // namespace embedd::daemon
