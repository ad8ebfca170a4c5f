#include "daemon/generations.hpp"

#include "daemon/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace embedd::daemon {

Generations::Generations(boost::asio::any_io_executor executor, Log& log)
    : executor_(std::move(executor)), log_(log)
{
}

Generations::~Generations() = default;

Engine& Generations::begin(EngineOptions options, EngineEvents events)
{
    const auto number = ++last_;
    options.generation = number;
    options.host = host_;
    if (current_ != 0)
        options.calibration = current().calibration();
    // What an engine meets that served before is not the service's any more; who waits for it asks again.
    events.on_degraded = [this, number,
                          tell = std::move(events.on_degraded)](std::optional<std::string> why) {
        if (number == current_ && tell)
            tell(std::move(why));
    };
    events.on_fatal = [this, number, tell = std::move(events.on_fatal)](const Failure& failure) {
        if (number >= current_)
            return tell(failure);
        log_.error("the model before this one: " + failure.message);
        std::erase_if(slots_, [number](const Slot& slot) { return slot.number == number; });
    };
    events.on_ended = [this, number, alive = std::weak_ptr(alive_)] {
        if (alive.lock())
            ended(number);
    };
    auto& added = slots_.emplace_back(Slot{.number = number});
    added.engine = std::make_unique<Engine>(executor_, std::move(options), std::move(events), log_);
    if (current_ == 0)
        current_ = number;
    return *added.engine;
}

std::shared_ptr<const Generation> Generations::serve(ServedModel model)
{
    auto& newest = slots_.back();
    const auto forget = [executor = executor_, this,
                         alive = std::weak_ptr(alive_)](const Generation* generation) {
        delete generation;
        boost::asio::post(executor, [this, alive] {
            if (alive.lock())
                sweep();
        });
    };
    const std::shared_ptr<const Generation> held(
        new Generation{.number = newest.number, .model = std::move(model), .engine = *newest.engine}, forget);
    newest.held = held;
    const auto before = std::exchange(current_, newest.number);
    if (before == current_)
        return held;
    if (slot(before).ended)
        ended(before);
    else
        leave(slot(before));
    return held;
}

void Generations::give_up_newest()
{
    if (slots_.back().number != current_)
        leave(slots_.back());
}

void Generations::end_current(std::function<void()> ended)
{
    auto& current = slot(current_);
    current.on_ended = std::move(ended);
    leave(current);
}

void Generations::leave(Slot& leaving)
{
    leaving.leaves = true;
    boost::asio::post(executor_, [this, alive = std::weak_ptr(alive_)] {
        if (alive.lock())
            sweep();
    });
}

void Generations::sweep()
{
    for (auto& slot : slots_) {
        if (!slot.leaves || slot.stopped || !slot.held.expired())
            continue;
        slot.stopped = true;
        slot.engine->stop();
    }
}

void Generations::ended(std::uint64_t number)
{
    const auto found = std::ranges::find(slots_, number, &Slot::number);
    if (found == slots_.end() || !found->leaves)
        return;
    found->ended = true;
    if (const auto tell = std::exchange(found->on_ended, nullptr))
        tell();
    if (number == current_)
        return; // an engine without workers, until another one takes its place
    past_ += found->engine->counters();
    slots_.erase(found);
}

Generations::Slot& Generations::slot(std::uint64_t number)
{
    return *std::ranges::find(slots_, number, &Slot::number);
}

const Generations::Slot& Generations::slot(std::uint64_t number) const
{
    return *std::ranges::find(slots_, number, &Slot::number);
}

std::vector<ipc::ReplicaStatus> Generations::replicas(Clock::time_point now) const
{
    std::vector<ipc::ReplicaStatus> all;
    for (const auto& slot : slots_) {
        auto some = slot.engine->replicas(now);
        std::ranges::move(some, std::back_inserter(all));
    }
    return all;
}

std::vector<ipc::DeviceStatus> Generations::devices(Clock::time_point now) const
{
    std::vector<DeviceReport> all;
    for (const auto& slot : slots_) {
        auto some = slot.engine->devices();
        std::ranges::move(some, std::back_inserter(all));
    }
    return devices_of(all, now);
}

ipc::QueueStatus Generations::queue(Clock::time_point now) const
{
    ipc::QueueStatus sum;
    for (const auto& slot : slots_) {
        const auto queue = slot.engine->queue(now);
        sum.requests += queue.requests;
        sum.tokens += queue.tokens;
        if (queue.oldest_us)
            sum.oldest_us = std::max(sum.oldest_us.value_or(0), *queue.oldest_us);
    }
    sum.capacity_tokens = current().queue(now).capacity_tokens;
    return sum;
}

EngineCounters Generations::counters() const
{
    EngineCounters sum = past_;
    for (const auto& slot : slots_)
        sum += slot.engine->counters();
    return sum;
}

bool Generations::overdue() const
{
    return std::ranges::any_of(slots_, [](const Slot& slot) { return slot.engine->overdue(); });
}

void Generations::stop()
{
    for (const auto& slot : slots_)
        slot.engine->stop();
}

} // namespace embedd::daemon
