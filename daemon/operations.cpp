#include "daemon/operations.hpp"

#include "daemon/administration.hpp"
#include "daemon/computed_call.hpp"
#include "daemon/metrics_text.hpp"
#include "daemon/subscriptions.hpp"
#include "daemon/warm_up_history.hpp"

#include <type_traits>
#include <utility>

namespace embedd::daemon {

namespace {

// Of a request, beside its own bytes: however small they are, it cannot come for nothing.
constexpr std::size_t bookkeeping_bytes = 1024;

class AnsweredCall : public Call {
public:
    void abandon() override {}
};

const std::shared_ptr<Call>& answered()
{
    static const std::shared_ptr<Call> call = std::make_shared<AnsweredCall>();
    return call;
}

} // namespace

Operations::Operations(Parts parts)
    : parts_(std::move(parts)), gate_(parts_.options.hold_limit),
      subscriptions_(std::make_unique<Subscriptions>(
          Subscriptions::Parts{.memory = parts_.memory, .report = parts_.report, .history = parts_.samples})),
      expiry_(parts_.executor), next_told_(parts_.executor)
{
}

Operations::~Operations() = default;

std::shared_ptr<Call> Operations::begin(const Caller& caller, ipc::Request request, std::size_t request_bytes,
                                        Answer answer)
{
    const ipc::Id id = request.id;
    const auto reply = [&](const ipc::Answer& given) { answer({.frame = {ipc::to_header(id, given), {}}}); };
    const auto refuse = [&](const ipc::Error& error) {
        parts_.metrics.refused(error.type);
        answer({.frame = {ipc::to_header(id, error), {}}, .refused = true});
    };

    if (std::holds_alternative<ipc::HealthRequest>(request.operation)) {
        parts_.health([id, answer = std::move(answer)](const ipc::HealthReply& health) {
            answer({.frame = {ipc::to_header(id, health), {}}});
        });
    } else if (std::holds_alternative<ipc::StatusRequest>(request.operation)) {
        reply(ipc::StatusReply{parts_.report(caller)});
    } else if (std::holds_alternative<ipc::InfoRequest>(request.operation)) {
        const auto card = info();
        if (card)
            reply(*card);
        else
            refuse(card.error());
    } else if (std::holds_alternative<ipc::MetricsRequest>(request.operation)) {
        reply(ipc::MetricsReply{metrics_text(parts_.report(caller))});
    } else if (std::holds_alternative<ipc::WarmUpsRequest>(request.operation)) {
        reply(ipc::WarmUpsReply{parts_.history.records()});
    } else if (const auto* watch = std::get_if<ipc::SubscribeRequest>(&request.operation)) {
        auto begun = subscriptions_->begin(caller, id, watch->interval, std::move(answer), Clock::now());
        arm_subscriptions();
        return begun;
    } else if (auto asked = parts_.administration.begin(caller, request, answer)) {
        return asked;
    } else {
        ByteBudget::Reservation memory(parts_.memory, caller.owner.uid, ByteBudget::Use::request);
        if (const auto room = memory.grow_to(request_bytes + bookkeeping_bytes); !room) {
            refuse(room.error());
            return answered();
        }
        const bool rehearsal = is_rehearsal(caller, request);
        auto call = std::make_shared<ComputedCall>(*this, caller, std::move(request), std::move(memory),
                                                   rehearsal, std::move(answer));
        call->start();
        return call;
    }
    return answered();
}

bool Operations::is_rehearsal(const Caller& caller, const ipc::Request& request) const
{
    return caller.own_process && !parts_.rehearsal_token.empty() && request.client == parts_.rehearsal_token;
}

ipc::Result<ipc::InfoReply> Operations::info() const
{
    if (!served_)
        return ipc::Error{ipc::ErrorType::not_ready, "the model is still being loaded", 1000};
    const ipc::ModelCard& card = served_->model.card;
    ipc::InfoReply reply;
    reply.version = EMBEDD_VERSION;
    reply.model = card.model;
    reply.pooling = card.pooling;
    reply.normalize = card.normalize;
    reply.prompts = card.prompts;
    reply.max_inputs = parts_.options.max_inputs;
    reply.max_request_bytes = parts_.options.max_request_bytes;
    reply.max_batch_tokens = served_->engine.batch().max_tokens.value_or(0);
    reply.auto_truncate = parts_.options.auto_truncate;
    return reply;
}

void Operations::serve(std::shared_ptr<const Generation> served)
{
    served_ = std::move(served);
}

void Operations::open()
{
    gate_.let_pass();
    arm();
}

void Operations::close()
{
    gate_.close();
    served_.reset();
}

void Operations::drain()
{
    gate_.drain("the service is draining: try again later, or another one");
    arm();
}

void Operations::resume()
{
    if (!stopping_)
        gate_.resume();
}

void Operations::stop()
{
    stopping_ = true;
    gate_.drain("the service is stopping and takes no new work");
    arm();
}

void Operations::arm_subscriptions()
{
    const auto next = subscriptions_->next();
    if (!next || *next == next_told_.expiry())
        return;
    next_told_.expires_at(*next);
    next_told_.async_wait([this](boost::system::error_code failure) {
        if (failure)
            return; // armed anew, or ending
        next_told_.expires_at(Clock::time_point::min());
        subscriptions_->tell(Clock::now());
        arm_subscriptions();
    });
}

void Operations::arm()
{
    const auto next = gate_.next_expiry();
    if (!next) {
        expiry_.cancel();
        return;
    }
    if (expiry_.expiry() == *next)
        return;
    expiry_.expires_at(*next);
    expiry_.async_wait([this](boost::system::error_code failure) {
        if (failure)
            return; // armed anew, or ending
        gate_.expire(Clock::now());
        expiry_.expires_at(Clock::time_point::min());
        arm();
    });
}

} // namespace embedd::daemon
