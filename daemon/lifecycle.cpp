#include "daemon/lifecycle.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace embedd::daemon {

namespace {

std::uint64_t microseconds_between(Clock::time_point from, Clock::time_point to)
{
    const auto span = std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
    return span > 0 ? static_cast<std::uint64_t>(span) : 0;
}

ipc::PhaseStatus& phase_named(std::vector<ipc::PhaseStatus>& phases, std::string_view name)
{
    const auto found = std::ranges::find(phases, name, &ipc::PhaseStatus::name);
    if (found != phases.end())
        return *found;
    phases.push_back({.name = std::string(name)});
    return phases.back();
}

bool began(const ipc::PhaseStatus& phase)
{
    return phase.state != "pending" && phase.state != "skipped";
}

std::string amount(std::uint64_t number, std::string_view unit)
{
    if (unit != "bytes")
        return std::to_string(number);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(number) / 1e6);
    return text.data();
}

// "warmup.lengths 41/62", "weights.read 45.1/90.9 MB".
std::string line_of(const ipc::PhaseStatus& phase)
{
    std::string line = phase.name;
    if (!phase.done)
        return line;
    line += ' ' + amount(*phase.done, phase.unit);
    if (phase.total)
        line += '/' + amount(*phase.total, phase.unit);
    if (phase.unit == "bytes")
        line += " MB";
    return line;
}

// What is left by the pace of this start, else by the time of the last one.
std::optional<std::uint64_t> left_of(const ipc::PhaseStatus& phase, std::uint64_t elapsed_us)
{
    if (phase.last_time_us)
        return *phase.last_time_us > elapsed_us ? *phase.last_time_us - elapsed_us : 0;
    if (!phase.done || !phase.total || *phase.done == 0 || *phase.done > *phase.total)
        return std::nullopt;
    const double steps = static_cast<double>(*phase.total - *phase.done) / static_cast<double>(*phase.done);
    return static_cast<std::uint64_t>(static_cast<double>(elapsed_us) * steps);
}

} // namespace

std::string_view to_string(State state) noexcept
{
    switch (state) {
    case State::failed:
        return "failed";
    case State::stopping:
        return "stopping";
    case State::draining:
        return "draining";
    case State::starting:
        return "starting";
    case State::loading:
        return "loading";
    case State::warming:
        return "warming";
    case State::reloading:
        return "reloading";
    case State::rewarming:
        return "rewarming";
    case State::degraded:
        return "degraded";
    case State::ready:
        return "ready";
    }
    return "unknown";
}

Lifecycle::Lifecycle(Clock::time_point exec) : exec_(exec) {}

void Lifecycle::plan(std::string_view phase, std::optional<std::chrono::microseconds> last_time)
{
    auto& planned = phase_named(phases_, phase);
    if (last_time)
        planned.last_time_us = static_cast<std::uint64_t>(last_time->count());
}

void Lifecycle::begin(std::string_view phase, Clock::time_point now)
{
    auto& begun = phase_named(phases_, phase);
    begun.state = "running";
    begun.started_us = microseconds_between(exec_, now);
    begun.duration_us.reset();
    begun.done.reset();
    begun.total.reset();
    ++moves_;
}

void Lifecycle::progress(std::string_view phase, std::uint64_t done, std::optional<std::uint64_t> total,
                         std::string_view unit, Clock::time_point now)
{
    if (phase_named(phases_, phase).state != "running")
        begin(phase, now);
    auto& moved = phase_named(phases_, phase);
    if (moved.done != done || moved.total != total)
        ++moves_;
    moved.done = done;
    moved.total = total;
    moved.unit = unit;
}

void Lifecycle::finish(std::string_view phase, Clock::time_point now)
{
    if (phase_named(phases_, phase).state == "done")
        return;
    if (phase_named(phases_, phase).state != "running")
        begin(phase, now);
    auto& finished = phase_named(phases_, phase);
    finished.state = "done";
    finished.duration_us = microseconds_between(exec_, now) - *finished.started_us;
    ++moves_;
}

void Lifecycle::skip(std::string_view phase)
{
    phase_named(phases_, phase).state = "skipped";
    ++moves_;
}

void Lifecycle::fail(std::string_view phase, std::string_view reason, Clock::time_point now)
{
    finish(phase, now);
    phase_named(phases_, phase).state = "failed";
    failed(reason);
}

void Lifecycle::ready(Clock::time_point now)
{
    ready_at_ = now;
    failed_ = false;
    if (!degraded_)
        reason_.clear();
}

void Lifecycle::failed(std::string_view reason)
{
    failed_ = true;
    ready_at_.reset();
    reason_ = reason;
}

void Lifecycle::recovering()
{
    failed_ = false;
    reason_.clear();
}

void Lifecycle::trouble(std::string_view reason)
{
    if (!failed_)
        reason_ = reason;
}

void Lifecycle::rewarming(std::uint64_t done, std::uint64_t total)
{
    rewarming_ = {done, total};
    ++moves_;
}

void Lifecycle::rewarmed()
{
    rewarming_.reset();
}

void Lifecycle::reloading(std::string_view step, bool in_place)
{
    reloading_ = step;
    in_place_ = in_place;
    ++moves_;
}

void Lifecycle::reloaded()
{
    reloading_.reset();
    in_place_ = false;
    ++moves_;
}

void Lifecycle::degraded(std::string_view reason)
{
    degraded_ = true;
    if (!failed_)
        reason_ = reason;
}

void Lifecycle::healed()
{
    degraded_ = false;
    if (!failed_)
        reason_.clear();
}

void Lifecycle::draining()
{
    draining_ = true;
}

void Lifecycle::resumed()
{
    draining_ = false;
}

void Lifecycle::stopping()
{
    stopping_ = true;
}

State Lifecycle::state() const
{
    if (failed_)
        return State::failed;
    if (stopping_)
        return State::stopping;
    if (draining_)
        return State::draining;
    if (ready_at_)
        return reloading_   ? State::reloading
               : rewarming_ ? State::rewarming
               : degraded_  ? State::degraded
                            : State::ready;
    auto state = State::starting;
    for (const auto& phase : phases_) {
        if (!began(phase))
            continue;
        if (phase.name.starts_with("warmup."))
            return State::warming;
        if (phase.name != "config")
            state = State::loading;
    }
    return state;
}

bool Lifecycle::serving() const
{
    return ready_at_ && !failed_ && !stopping_ && !draining_ && !in_place_;
}

std::string Lifecycle::status_text(Clock::time_point now) const
{
    const auto current = state();
    std::string text(current == State::warming ? "warming up" : to_string(current));
    if (current == State::failed || current == State::degraded)
        return reason_.empty() ? text : text + ": " + reason_;
    if (current == State::rewarming && rewarming_->second > 0)
        return "ready, warming again: " + std::to_string(rewarming_->first) + '/' +
               std::to_string(rewarming_->second);
    if (current == State::reloading)
        return (in_place_ ? "reloading in place, clients wait: " : "ready, reloading: ") + *reloading_;
    if (ready_at_ || stopping_ || draining_)
        return text;

    const auto running = std::ranges::find(phases_, "running", &ipc::PhaseStatus::state);
    if (running == phases_.end())
        return text;
    text += ": " + line_of(*running);
    const auto left = left_of(*running, microseconds_between(exec_, now) - *running->started_us);
    if (left && *left >= 1'000'000)
        text += ", about " + std::to_string(*left / 1'000'000) + " s left";
    return text;
}

std::vector<ipc::PhaseStatus> Lifecycle::phases(Clock::time_point now) const
{
    auto phases = phases_;
    for (auto& phase : phases) {
        if (phase.state != "running")
            continue;
        phase.duration_us = microseconds_between(exec_, now) - *phase.started_us;
        phase.eta_us = left_of(phase, *phase.duration_us);
    }
    return phases;
}

} // namespace embedd::daemon
