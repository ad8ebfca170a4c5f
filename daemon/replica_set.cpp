#include "daemon/replica_set.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace embedd::daemon {

ReplicaSet::ReplicaSet(boost::asio::any_io_executor executor, const EngineOptions& options,
                       const EngineEvents& tell, Events events, Log& log)
    : executor_(std::move(executor)), options_(options), tell_(tell), events_(std::move(events)), log_(log)
{
    auto pace = options.pace;
    if (!options.warmup)
        pace.batch_limit = std::max(pace.batch_limit, pace.unmeasured_batch_limit);
    for (std::uint64_t id = 0; id < options.workers.size(); ++id)
        replicas_.push_back(std::make_unique<Replica>(id, pace));
    lives_.resize(replicas_.size());
}

void ReplicaSet::start(Clock::time_point now)
{
    for (auto& replica : replicas_)
        spawn(*replica, now);
}

void ReplicaSet::stop()
{
    stopping_ = true;
    for (auto& replica : replicas_)
        dismiss(*replica, Clock::now());
    tell_ended();
}

void ReplicaSet::dismiss(Replica& replica, Clock::time_point now)
{
    auto& [worker, words, stop_sent] = life(replica);
    if (!worker || stop_sent || !replica.idle() || replica.state() == Replica::State::dead)
        return;
    worker->send(ipc::Stop{});
    stop_sent = true;
    replica.asked_to_end(now);
}

void ReplicaSet::restart(Replica& replica, Clock::time_point now)
{
    replica.leave(now);
    dismiss(replica, now);
    tell_degraded("replica " + std::to_string(replica.id()) + " is restarted on request");
}

void ReplicaSet::tell_ended()
{
    const bool ended = std::ranges::all_of(
        replicas_, [](const auto& replica) { return replica->state() == Replica::State::dead; });
    if (stopping_ && ended && tell_.on_ended)
        boost::asio::post(executor_, tell_.on_ended);
}

void ReplicaSet::spawn(Replica& replica, Clock::time_point now)
{
    Worker::Events events{
        .on_message =
            [this, &replica](ipc::WorkerMessage message, std::vector<std::byte> payload) {
                on_message(replica, message, std::move(payload));
            },
        .on_end = [this, &replica](const WorkerEnd& end) { on_end(replica, end); },
    };
    auto worker = Worker::spawn(executor_, command(replica), std::move(events));
    life(replica) = {};
    if (!worker) {
        replica.spawned(std::nullopt, now);
        (void)replica.ended(now);
        if (!ever_served_)
            return fatal(worker.error());
        return count_failure(replica, worker.error().message);
    }
    replica.spawned((*worker)->pid(), now);
    life(replica).worker = std::move(*worker);
}

void ReplicaSet::on_message(Replica& replica, const ipc::WorkerMessage& message,
                            std::vector<std::byte> payload)
{
    if (replica.state() == Replica::State::unhealthy || replica.state() == Replica::State::dead)
        return;
    const auto now = Clock::now();
    replica.sign_of_life(now);
    if (const auto* progress = std::get_if<ipc::LoadProgress>(&message)) {
        replica.loading();
        if (replica.id() == 0 && !card_ && tell_.on_load_progress) // one tells for all
            tell_.on_load_progress(*progress);
    } else if (const auto* loaded = std::get_if<ipc::Loaded>(&message)) {
        on_loaded(replica, *loaded);
    } else if (const auto* visited = std::get_if<ipc::Visited>(&message)) {
        if (auto running = replica.answered(visited->batch, now))
            events_.on_visited(replica, std::move(*running), *visited);
    } else if (const auto* done = std::get_if<ipc::BatchDone>(&message)) {
        if (auto running = replica.answered(done->batch, now))
            events_.on_done(replica, std::move(*running), *done, std::move(payload));
    } else if (const auto* failed = std::get_if<ipc::BatchFailed>(&message)) {
        if (auto running = replica.answered(failed->batch, now))
            events_.on_failed(replica, std::move(*running), *failed);
    } else if (const auto* beat = std::get_if<ipc::HeartBeat>(&message)) {
        replica.memory = beat->memory;
        if (beat->device)
            replica.computes_on(*beat->device, now);
    } else if (const auto* last_words = std::get_if<ipc::WorkerFailed>(&message)) {
        life(replica).last_words = *last_words;
    }
    if (stopping_ || replica.leaving())
        dismiss(replica, now);
    events_.on_change();
}

void ReplicaSet::on_loaded(Replica& replica, const ipc::Loaded& loaded)
{
    if (card_ && card_->model.fingerprint != loaded.card.model.fingerprint)
        return condemn(replica,
                       "loaded another model than serves: its files were replaced; killed, trying again");
    replica.loaded(loaded.lanes);
    replica.computes_on(loaded.device_id, loaded.device_name);
    if (!card_) {
        card_ = loaded.card;
        failures_in_a_row_ = 0;
        if (tell_.on_loaded)
            tell_.on_loaded(loaded);
    }
    events_.on_loaded(replica, loaded);
}

bool ReplicaSet::serve(Replica& replica, Clock::time_point now)
{
    const bool first = !ever_served_;
    ever_served_ = true;
    failures_in_a_row_ = 0;
    replica.serving(now);
    if (replica.restarts() > 0)
        log_.notice(replica.name() + " is warm again, serving");
    tell_degraded({});
    return first;
}

void ReplicaSet::condemn(Replica& replica, std::string_view why)
{
    if (replica.state() == Replica::State::unhealthy || replica.state() == Replica::State::dead)
        return;
    log_.warning(replica.name() + " " + std::string(why));
    replica.condemned();
    life(replica).worker->kill();
}

void ReplicaSet::on_end(Replica& replica, const WorkerEnd& end)
{
    const auto name = replica.name();
    const bool wanted = replica.leaving() && replica.idle();
    auto lost = replica.ended(Clock::now());
    const auto last_words = life(replica).last_words;
    const auto how = last_words ? last_words->message : end.describe();
    const auto exit_code = last_words ? std::optional(last_words->exit_code) : end.exit_code;
    if (wanted && !stopping_) {
        log_.notice(name + " ended as it was asked to, spawning it again");
    } else if (const auto fault = of_first_start(exit_code); fault && !stopping_) {
        fatal({*fault, how});
    } else if (!stopping_) {
        const auto open = std::ranges::count_if(lost, &RunningBatch::of_clients);
        log_.warning(name + " ended: " + how + "; " +
                     (open > 0 ? std::to_string(open) + " batches are computed again, " : "") +
                     "spawning it again in " + std::to_string(replica.respawn_wait().count()) + " ms");
        count_failure(replica, how);
    }
    events_.on_lost(replica, std::move(lost), how);
    tell_ended();
    events_.on_change();
}

// What another try would not mend, where nothing has served yet: the operator has to.
std::optional<ExitCode> ReplicaSet::of_first_start(std::optional<int> exit_code) const
{
    const auto exits = [&](ipc::WorkerExit code) { return exit_code == static_cast<int>(code); };
    if (!ever_served_ && exits(ipc::WorkerExit::model_fault))
        return ExitCode::configuration;
    if (!ever_served_ && exits(ipc::WorkerExit::device_missing))
        return ExitCode::device_missing;
    return std::nullopt;
}

void ReplicaSet::count_failure(const Replica& replica, const std::string& how)
{
    failures_in_a_row_ = serving() > 0 ? 0 : failures_in_a_row_ + 1;
    if (!ever_served_ && tell_.on_trouble)
        tell_.on_trouble("replica " + std::to_string(replica.id()) + ": " + how + "; tried again");
    tell_degraded("replica " + std::to_string(replica.id()) + ": " + how);
    const auto spent = [&](std::uint32_t tries) { return failures_in_a_row_ >= tries * replicas_.size(); };
    const bool never_loaded = !card_ && spent(options_.pace.first_tries);
    const bool none_left = spent(options_.pace.tries);
    if (never_loaded || none_left)
        fatal({ExitCode::replicas_lost, "replicas cannot be kept alive, " +
                                            std::to_string(failures_in_a_row_) +
                                            " failures in a row, the last: " + how});
}

void ReplicaSet::fatal(const Failure& failure)
{
    if (given_up_)
        return;
    given_up_ = true;
    boost::asio::post(executor_, [tell = tell_.on_fatal, failure] {
        if (tell)
            tell(failure);
    });
}

void ReplicaSet::tell_degraded(const std::string& why)
{
    if (!ever_served_ || stopping_ || !tell_.on_degraded)
        return;
    const auto count = serving();
    const bool lost = std::ranges::any_of(replicas_, [](const auto& replica) {
        return !replica->serves() &&
               (replica->leaving() || replica->state() == Replica::State::dead || replica->restarts() > 0);
    });
    if (lost && !why.empty())
        tell_.on_degraded(std::to_string(count) + " of " + std::to_string(replicas_.size()) +
                          " replicas serve; " + why);
    else if (!lost && degraded_)
        tell_.on_degraded(std::nullopt);
    degraded_ = lost;
}

void ReplicaSet::tick(Clock::time_point now)
{
    for (auto& replica : replicas_) {
        if (const auto why = replica->give_up(now)) {
            log_.warning(replica->name() + " " + *why + ": killed");
            life(*replica).worker->kill();
        }
        if (replica->respawn_due(now) && !stopping_ && !given_up_)
            spawn(*replica, now);
    }
}

std::optional<Clock::time_point> ReplicaSet::due() const
{
    std::optional<Clock::time_point> first;
    for (const auto& replica : replicas_) {
        if (replica->state() == Replica::State::dead && (stopping_ || given_up_))
            continue;
        const auto due = replica->due();
        if (due && (!first || *due < *first))
            first = due;
    }
    return first;
}

bool ReplicaSet::overdue(Clock::time_point now) const
{
    const auto first = due();
    return first && now > *first + options_.pace.overdue_grace;
}

std::uint64_t ReplicaSet::serving() const
{
    return static_cast<std::uint64_t>(
        std::ranges::count_if(replicas_, [](const auto& r) { return r->serves(); }));
}

std::uint64_t ReplicaSet::lanes() const
{
    std::uint64_t lanes = 0;
    for (const auto& replica : replicas_)
        lanes += replica->serves() ? replica->lanes() : 0;
    return lanes;
}

void ReplicaSet::run(Replica& replica, Batch batch, bool probe,
                     std::span<const std::span<const std::int32_t>> inputs,
                     std::chrono::microseconds expected, Clock::time_point now)
{
    ipc::RunBatch message{.inputs = static_cast<std::uint32_t>(inputs.size()),
                          .tokens = static_cast<std::uint32_t>(batch.tokens)};
    message.batch = replica.send(std::move(batch), probe, expected, now);
    life(replica).worker->send(message, ipc::encode_batch(inputs));
}

void ReplicaSet::visit(Replica& replica, Visit visit, std::uint64_t batches_before, Clock::time_point now)
{
    auto message = visit.shape;
    message.batch = replica.send(std::move(visit), batches_before, now);
    life(replica).worker->send(message);
}

} // namespace embedd::daemon
