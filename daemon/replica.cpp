#include "daemon/replica.hpp"

#include <algorithm>
#include <utility>

namespace embedd::daemon {

namespace {

std::chrono::milliseconds to_ms(Clock::duration span)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(span);
}

std::string_view to_string(Replica::State state, bool busy)
{
    switch (state) {
    case Replica::State::starting:
        return "starting";
    case Replica::State::loading:
        return "loading";
    case Replica::State::warming:
        return "warming";
    case Replica::State::ready:
        return busy ? "busy" : "ready";
    case Replica::State::unhealthy:
        return "unhealthy";
    case Replica::State::dead:
        return "dead";
    }
    return "unknown";
}

std::string describe(const RunningBatch& running)
{
    if (running.visit)
        return "the visit of " + std::to_string(running.visit->shape.rows) + " rows in its warm-up";
    return "a batch of " + std::to_string(running.batch.tokens) + " tokens";
}

} // namespace

void Replica::spawned(std::optional<pid_t> pid, Clock::time_point now)
{
    pid_ = pid;
    ++generation_;
    next_batch_ = 1;
    state_ = State::starting;
    silent_since_ = now;
    alive_ = false;
    leaving_ = false;
    leave_by_.reset();
    serving_since_.reset();
    warm_.clear();
    memory = {};
}

void Replica::sign_of_life(Clock::time_point now)
{
    silent_since_ = now;
    alive_ = true;
}

void Replica::loading()
{
    if (state_ == State::starting)
        state_ = State::loading;
}

void Replica::loaded(std::uint64_t lanes)
{
    lanes_ = std::max<std::uint64_t>(lanes, 1);
    state_ = State::warming;
}

void Replica::computes_on(ipc::DeviceStatus figures, Clock::time_point now)
{
    device_ = {std::move(figures), now};
}

void Replica::computes_on(std::string device, std::string name)
{
    if (!device_)
        device_ = {{.id = std::move(device), .name = std::move(name)}, std::nullopt};
}

void Replica::serving(Clock::time_point now)
{
    state_ = State::ready;
    serving_since_ = now;
    ++epoch_;
}

std::uint64_t Replica::send(Batch batch, bool probe, std::chrono::microseconds expected,
                            Clock::time_point now)
{
    const auto limit = std::max<Clock::duration>(pace_.batch_limit, expected * pace_.batch_factor);
    running_.emplace(
        next_batch_,
        RunningBatch{.batch = std::move(batch), .sent = now, .limit = now + limit, .probe = probe});
    return next_batch_++;
}

std::uint64_t Replica::send(Visit visit, std::uint64_t batches_before, Clock::time_point now)
{
    running_.emplace(next_batch_, RunningBatch{.sent = now,
                                               .limit = now + pace_.visit_limit,
                                               .visit = std::move(visit),
                                               .batches_before = batches_before});
    return next_batch_++;
}

std::optional<RunningBatch> Replica::answered(std::uint64_t number, Clock::time_point now)
{
    auto node = running_.extract(number);
    if (node.empty())
        return std::nullopt;
    counts_.last_batch_us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count());
    return std::move(node.mapped());
}

void Replica::computed(std::uint64_t tokens, std::chrono::microseconds forward)
{
    ++counts_.batches;
    counts_.tokens += tokens;
    forward_.record(forward);
    counts_.busy_us += static_cast<std::uint64_t>(forward.count());
}

std::optional<std::string> Replica::give_up(Clock::time_point now)
{
    if (state_ == State::unhealthy || state_ == State::dead)
        return std::nullopt;
    std::optional<std::string> why;
    const auto patience = alive_ ? pace_.beat_limit : pace_.start_limit;
    const bool silent = now >= silent_since_ + patience;
    if (silent)
        why = "gave no sign of life for " + std::to_string(to_ms(now - silent_since_).count()) + " ms";
    for (auto& [number, running] : running_) {
        const bool late = now >= running.limit;
        running.blamed = silent || late;
        if (late && !why)
            why = "did not answer " + describe(running) + " within " +
                  std::to_string(to_ms(running.limit - running.sent).count()) + " ms";
    }
    if (!why && leave_by_ && now >= *leave_by_)
        why = "did not end when it was asked to";
    if (why)
        state_ = State::unhealthy;
    return why;
}

void Replica::condemned()
{
    state_ = State::unhealthy;
}

void Replica::leave(Clock::time_point now)
{
    if (state_ == State::dead)
        respawn_at_ = now;
    else
        leaving_ = true;
}

void Replica::asked_to_end(Clock::time_point now)
{
    leave_by_ = now + pace_.leave_limit;
}

std::vector<RunningBatch> Replica::ended(Clock::time_point now)
{
    const bool wanted = leaving_ && running_.empty();
    std::vector<RunningBatch> lost;
    for (auto& [number, running] : running_) {
        running.blamed = running.blamed || state_ != State::unhealthy;
        lost.push_back(std::move(running));
    }
    running_.clear();
    pid_.reset();
    state_ = State::dead;
    if (device_)
        device_->told.reset();
    if (wanted) {
        respawn_wait_ = {};
        respawn_at_ = now;
        return lost;
    }
    leaving_ = false;
    ++counts_.errors;
    respawn_wait_ = backoff_.after_failure(serving_since_ ? now - *serving_since_ : Clock::duration::zero());
    respawn_at_ = now + respawn_wait_;
    return lost;
}

std::optional<Clock::time_point> Replica::due() const
{
    if (state_ == State::unhealthy)
        return std::nullopt;
    if (state_ == State::dead)
        return respawn_at_;
    auto due = silent_since_ + (alive_ ? pace_.beat_limit : pace_.start_limit);
    for (const auto& [number, running] : running_)
        due = std::min(due, running.limit);
    if (leave_by_)
        due = std::min(due, *leave_by_);
    return due;
}

bool Replica::lane_free() const
{
    return serves() && lane_free_for_visit();
}

bool Replica::lane_free_for_visit() const
{
    if (leaving_ || (state_ != State::ready && state_ != State::warming) || running_.size() >= lanes_)
        return false;
    return std::ranges::none_of(running_, [](const auto& entry) { return entry.second.batch.suspect; });
}

std::string Replica::name() const
{
    const auto name = "replica " + std::to_string(id_);
    return pid_ ? name + " (pid " + std::to_string(*pid_) + ")" : name;
}

ipc::ReplicaStatus Replica::status() const
{
    auto status = counts_;
    status.id = id_;
    if (pid_)
        status.pid = *pid_;
    status.generation = generation_;
    status.lanes = lanes_;
    status.state = to_string(state_, !running_.empty());
    status.restarts = restarts();
    status.warm_epoch = epoch_;
    if (const auto p50 = forward_.quantile(0.5))
        status.forward_p50_us = static_cast<std::uint64_t>(p50->count());
    if (const auto p99 = forward_.quantile(0.99))
        status.forward_p99_us = static_cast<std::uint64_t>(p99->count());
    for (const auto& [number, running] : running_)
        status.inflight_tokens += running.batch.tokens;
    status.memory = memory;
    return status;
}

} // namespace embedd::daemon
