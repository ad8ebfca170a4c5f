#include "daemon/subscriptions.hpp"

#include "daemon/sample_history.hpp"
#include "ipc/subscription.hpp"

#include <utility>

namespace embedd::daemon {

namespace {

// The multiple that comes after at least half an interval: nobody is told twice at almost the same time.
Clock::time_point moment_after(Clock::time_point now, Clock::duration interval)
{
    const auto at_least = now.time_since_epoch() + interval / 2;
    return Clock::time_point((at_least / interval + 1) * interval);
}

} // namespace

class Subscriptions::Subscription : public Call {
public:
    Subscription(Subscriptions& all, Caller caller, ipc::Id id, Clock::duration interval,
                 Operations::Answer answer)
        : all_(all), caller_(std::move(caller)), id_(std::move(id)), interval_(interval),
          answer_(std::move(answer))
    {
    }

    void abandon() override
    {
        answer_ = nullptr;
        all_.due_.erase(place_); // perhaps with the last that held us
    }

private:
    friend class Subscriptions;

    Subscriptions& all_;
    Caller caller_;
    ipc::Id id_;
    Clock::duration interval_;
    Operations::Answer answer_;
    bool knows_history_ = false;
    decltype(due_)::iterator place_;
};

Subscriptions::Subscriptions(Parts parts) : parts_(parts) {}
Subscriptions::~Subscriptions() = default;

std::shared_ptr<Call> Subscriptions::begin(const Caller& caller, const ipc::Id& id,
                                           std::chrono::milliseconds interval, Operations::Answer answer,
                                           Clock::time_point now)
{
    const auto begun = std::make_shared<Subscription>(*this, caller, id, interval, std::move(answer));
    tell(*begun, ipc::to_text(parts_.report(caller)));
    schedule(begun, now);
    return begun;
}

void Subscriptions::tell(Clock::time_point now)
{
    for (std::size_t told = 0; told < told_at_a_time && !due_.empty(); ++told) {
        const auto [due, subscription] = *due_.begin();
        if (due > now)
            break;
        due_.erase(due_.begin());
        tell(*subscription, status_for(subscription->caller_, due, now));
        schedule(subscription, now);
    }
    if (due_.empty() || due_.begin()->first > now)
        statuses_.clear();
}

std::optional<Clock::time_point> Subscriptions::next() const
{
    return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

void Subscriptions::schedule(const std::shared_ptr<Subscription>& subscription, Clock::time_point now)
{
    subscription->place_ = due_.emplace(moment_after(now, subscription->interval_), subscription);
}

void Subscriptions::tell(Subscription& subscription, const std::string& status)
{
    std::string header = subscription.knows_history_
                             ? ipc::subscription_header(subscription.id_, status)
                             : ipc::subscription_header(subscription.id_, status, history());
    ByteBudget::Reservation memory(parts_.memory, subscription.caller_.owner.uid,
                                   ByteBudget::Use::connection);
    if (!memory.grow_to(header.size()))
        return;
    if (subscription.answer_({.frame = {std::move(header), {}}, .more = true, .memory = std::move(memory)}))
        subscription.knows_history_ = true;
}

const std::string& Subscriptions::status_for(const Caller& caller, Clock::time_point due,
                                             Clock::time_point now)
{
    Text& known = statuses_[caller.admin ? std::nullopt : std::optional(caller.owner.uid)];
    if (known.text.empty() || known.made < due)
        known = {.made = now, .text = ipc::to_text(parts_.report(caller))};
    return known.text;
}

const std::string& Subscriptions::history()
{
    const auto samples = parts_.history.samples();
    const auto until_us = samples.empty() ? 0 : samples.back().mono_us;
    if (history_.empty() || until_us != history_until_us_) {
        history_ = ipc::to_text(samples);
        history_until_us_ = until_us;
    }
    return history_;
}

} // namespace embedd::daemon
