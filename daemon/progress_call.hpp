#pragma once

#include "daemon/operations.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace embedd::daemon {

// A request of an operator that takes its time: Progress while it runs, then its reply, to whoever still
// listens.
class ProgressCall : public Call, public std::enable_shared_from_this<ProgressCall> {
public:
    ProgressCall(ipc::Id id, Operations::Answer answer, std::function<void(ipc::ErrorType)> refused)
        : id_(std::move(id)), answer_(std::move(answer)), refused_(std::move(refused))
    {
    }

    void tell(const ipc::Progress& progress)
    {
        if (answer_)
            answer_({.frame = {ipc::to_header(id_, progress), {}}, .more = true});
    }

    // Once; nothing is told after it.
    void finish(const ipc::Answer& reply) { end({.frame = {ipc::to_header(id_, reply), {}}}); }
    void refuse(const ipc::Error& error)
    {
        refused_(error.type);
        end({.frame = {ipc::to_header(id_, error), {}}, .refused = true});
    }
    template <class Reply>
    void finish(const ipc::Result<Reply>& result)
    {
        if (result)
            finish(ipc::Answer(*result));
        else
            refuse(result.error());
    }

    // What ends with the client's interest: a re-warm. Other work goes on without a listener.
    void when_abandoned(std::function<void()> act) { when_abandoned_ = std::move(act); }

    void abandon() override
    {
        answer_ = nullptr;
        if (const auto act = std::exchange(when_abandoned_, nullptr))
            act();
    }

private:
    void end(CallOutcome outcome)
    {
        when_abandoned_ = nullptr;
        if (const auto answer = std::exchange(answer_, nullptr))
            answer(std::move(outcome));
    }

    ipc::Id id_;
    Operations::Answer answer_;
    std::function<void(ipc::ErrorType)> refused_;
    std::function<void()> when_abandoned_;
};

} // namespace embedd::daemon
