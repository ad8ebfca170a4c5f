#include "tests/daemon/engine/simulation.hpp"

#include <algorithm>

namespace embedd::daemon {

namespace {

using namespace std::chrono_literals;
constexpr auto answer_takes = 100us;

CostModel measured()
{
    std::vector<RungCost> rungs;
    for (std::uint64_t rows = 8; rows <= 512; rows += rows < 64 ? 8 : rows < 256 ? 16 : 32)
        rungs.push_back({rows, 1500 + 137 * rows});
    return CostModel(std::move(rungs));
}

} // namespace

Simulation::Simulation(std::uint64_t capacity_tokens) : scheduler(capacity_tokens)
{
    scheduler.calibrate(measured(), batch_tokens);
}

void Simulation::at(Clock::time_point time, std::function<void()> what)
{
    events_.push({time, next_event_++, std::move(what)});
}

void Simulation::run(Clock::duration span)
{
    const auto end = now + span;
    while (!events_.empty() && events_.top().at <= end) {
        const auto event = events_.top();
        events_.pop();
        now = event.at;
        event.what();
        dispatch();
    }
    now = end;
}

void Simulation::submit(QueuedJob job, Done done)
{
    job.id = next_job_++;
    if (auto taken = scheduler.push(job, now, lanes); !taken)
        return done({.refused = taken.error()});
    open_[job.id] = {job.owner.connection, now, job.lengths.size(), std::move(done)};
    most_waiting = std::max(most_waiting, scheduler.status(now).tokens);
}

void Simulation::dispatch()
{
    for (const auto id : scheduler.expired(now)) {
        scheduler.forget(id);
        answer(id, {.expired = true});
    }
    while (free_lanes_ > 0) {
        const auto batch = scheduler.next_batch();
        if (!batch) {
            last_empty = now;
            return;
        }
        --free_lanes_;
        const double noise = std::uniform_real_distribution(0.95, 1.05)(random);
        const std::chrono::microseconds takes(
            static_cast<std::int64_t>(noise * scheduler.cost().microseconds(batch->tokens)));
        after(takes, [this, batch = *batch, takes] {
            scheduler.measured(batch.tokens, takes);
            ++free_lanes_;
            computed(batch);
        });
    }
}

void Simulation::computed(const Batch& batch)
{
    for (const auto& part : batch.parts) {
        const auto job = open_.find(part.job);
        if (job == open_.end())
            continue;
        served_.push_back({now, job->second.connection, part.tokens});
        if (--job->second.missing > 0)
            continue;
        scheduler.forget(part.job);
        answer(part.job, {.took = now - job->second.since});
    }
}

void Simulation::answer(JobId id, Outcome outcome)
{
    auto job = open_.extract(id);
    after(answer_takes,
          [done = std::move(job.mapped().done), outcome = std::move(outcome)] { done(outcome); });
}

std::uint64_t Simulation::computed(std::uint64_t connection, Clock::time_point from,
                                   Clock::time_point to) const
{
    std::uint64_t tokens = 0;
    for (const auto& served : served_) {
        if (served.connection == connection && served.at >= from && served.at < to)
            tokens += served.tokens;
    }
    return tokens;
}

std::uint64_t Simulation::computed(Clock::time_point from, Clock::time_point to) const
{
    std::uint64_t tokens = 0;
    for (const auto& served : served_) {
        if (served.at >= from && served.at < to)
            tokens += served.tokens;
    }
    return tokens;
}

Client::Client(Simulation& simulation, Habits habits) : simulation_(simulation), habits_(habits)
{
    if (habits_.every)
        next_in_time();
    for (std::size_t i = 0; !habits_.every && i < habits_.requests; ++i)
        simulation_.at(simulation_.now, [this] { send(); });
}

void Client::send()
{
    if (simulation_.now >= habits_.until)
        return;
    std::uniform_int_distribution<std::uint32_t> length(habits_.shortest, habits_.longest);
    QueuedJob job{.owner = habits_.owner, .priority = habits_.priority};
    if (habits_.new_connections)
        job.owner.connection = habits_.owner.connection * 1'000'000 + ++connections_;
    if (habits_.timeout)
        job.deadline = simulation_.now + *habits_.timeout;
    std::uint64_t tokens = 0;
    for (std::size_t i = 0; i < habits_.texts; ++i)
        tokens += job.lengths.emplace_back(length(simulation_.random));
    simulation_.submit(std::move(job), [this, sent = simulation_.now, tokens](const Outcome& outcome) {
        past.push_back({sent, tokens, outcome});
        if (!habits_.every && !outcome.refused)
            send();
    });
}

void Client::next_in_time()
{
    const auto mean = static_cast<double>(habits_.every->count());
    const double wait = habits_.random ? std::exponential_distribution(1 / mean)(simulation_.random) : mean;
    simulation_.after(std::chrono::microseconds(static_cast<std::int64_t>(wait)), [this] {
        send();
        next_in_time();
    });
}

std::chrono::microseconds Client::percentile(double share) const
{
    std::vector<Clock::duration> took;
    for (const auto& each : past) {
        if (each.outcome.answered())
            took.push_back(each.outcome.took);
    }
    std::ranges::sort(took);
    const auto at = static_cast<std::size_t>(share * static_cast<double>(took.size()));
    return std::chrono::duration_cast<std::chrono::microseconds>(took.at(std::min(at, took.size() - 1)));
}

} // namespace embedd::daemon
