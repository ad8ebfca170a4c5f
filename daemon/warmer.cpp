#include "daemon/warmer.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace embedd::daemon {

namespace {

// Beside traffic a visit of one lane is followed by as long a rest as makes it this share of all lanes' time.
// Clients lose about half as much again to the change of work and colder caches: a tenth in all (measured by
// `embed-bench rewarm`).
constexpr double share_beside_traffic = 0.065;
constexpr int patience_beside_traffic = 10;

// A batch makes those behind it wait. A GPU is used fully by one that takes a few milliseconds.
std::chrono::microseconds usual_batch_latency(std::string_view device)
{
    return std::chrono::milliseconds{device.starts_with("cuda") ? 10 : 50};
}

} // namespace

Warmer::Warmer(const WarmUpOptions& options, ReplicaSet& replicas, const HostLoad& host)
    : options_(options), replicas_(replicas), host_(host)
{
}

void Warmer::learn(const Shape& shape)
{
    constexpr std::size_t most = 64;
    if (learned_.size() < most)
        learned_.insert(shape);
}

void Warmer::loaded(const Replica& replica, const ipc::Loaded& loaded,
                    std::optional<std::uint64_t> max_batch_tokens, Clock::time_point now)
{
    facts_ = PlanFacts{.tasks = loaded.card.model.tasks,
                       .rungs = loaded.rungs,
                       .longest_input = loaded.card.model.max_tokens,
                       .lanes = loaded.lanes};
    const bool quiet = host_.sum().lanes == 0;
    const std::chrono::microseconds batch_latency =
        options_.max_batch_latency ? *options_.max_batch_latency : usual_batch_latency(loaded.device_id);
    WarmUpOrder order{
        .plan = plan_warm_up(facts()),
        .lanes = quiet ? loaded.lanes : 1,
        .budget = quiet ? options_.budget : options_.budget * patience_beside_traffic,
        // A model that nothing is known of yet is better measured beside traffic than not at all.
        .calibrates = quiet || !max_batch_tokens,
        .limits = {.longest_input = facts_->longest_input,
                   .max_latency_us = static_cast<std::uint64_t>(batch_latency.count()),
                   .fixed_tokens = max_batch_tokens.value_or(options_.max_batch_tokens)},
        .memory_bytes = loaded.resident_bytes};
    begin(replica, std::move(order), now);
}

void Warmer::ended(const Replica& replica)
{
    runs_.erase(replica.id());
    if (under_rewarm(replica)) {
        rewarm_->outcome.result = "failed";
        next_replica(Clock::now());
    }
}

std::optional<Visit> Warmer::next(const Replica& replica, Clock::time_point now)
{
    const auto found = runs_.find(replica.id());
    if (found == runs_.end())
        return std::nullopt;
    auto visit = found->second.run.next(now);
    if (visit)
        visit->run = found->second.number;
    return visit;
}

WarmUpRun* Warmer::run_of(const Replica& replica, const Visit& visit)
{
    const auto found = runs_.find(replica.id());
    return found == runs_.end() || found->second.number != visit.run ? nullptr : &found->second.run;
}

WarmUpRun& Warmer::begin(const Replica& replica, WarmUpOrder order, Clock::time_point now)
{
    const auto [run, inserted] = runs_.insert_or_assign(
        replica.id(), Numbered{.number = ++last_run_, .run = WarmUpRun(std::move(order), now)});
    return run->second.run;
}

bool Warmer::visited(const Replica& replica, const Visit& visit, const ipc::Visited& answer,
                     Clock::duration took, bool traffic, Clock::time_point now)
{
    auto* const run = run_of(replica, visit);
    if (!run)
        return false; // cancelled meanwhile
    // Where nothing else serves, who waits waits for this one; and CPUs of its own are idle until it serves.
    const auto lanes = host_.sum().lanes;
    const bool idle_cpus = replicas_.pinned(replica) && !replica.serves() && lanes == replicas_.lanes();
    if (traffic && lanes > 0 && !idle_cpus) {
        const auto rest = std::max(0.0, 1 / (share_beside_traffic * static_cast<double>(lanes)) - 1);
        run->rest_until(now + std::chrono::duration_cast<Clock::duration>(took * rest));
    }
    run->visited(visit, answer, now);
    if (under_rewarm(replica) && rewarm_->on_event)
        rewarm_->on_event(
            {.replica = replica.id(), .done = run->done(), .total = run->total(), .rows = visit.shape.rows});
    return came_back(replica, now);
}

bool Warmer::out_of_memory(const Replica& replica, const Visit& visit, Clock::time_point now)
{
    auto* const run = run_of(replica, visit);
    if (!run)
        return false;
    run->out_of_memory(visit, now);
    return came_back(replica, now);
}

bool Warmer::came_back(const Replica& replica, Clock::time_point now)
{
    if (!runs_.at(replica.id()).run.finished())
        return false;
    if (under_rewarm(replica)) {
        merge(take(replica));
        next_replica(now);
        return false;
    }
    return true;
}

const WarmUpRun* Warmer::run(const Replica& replica) const
{
    const auto run = runs_.find(replica.id());
    return run == runs_.end() ? nullptr : &run->second.run;
}

WarmUpOutcome Warmer::take(const Replica& replica)
{
    auto node = runs_.extract(replica.id());
    return node.mapped().run.outcome();
}

ipc::Result<WarmUpPlan> Warmer::plan(const ipc::RewarmRequest& request) const
{
    if (!facts_)
        return ipc::Error{ipc::ErrorType::not_ready, "the model is still being loaded", 1000};
    return plan_rewarm(facts(), request);
}

std::optional<std::uint64_t> Warmer::plan_cells() const
{
    return facts_ ? std::optional<std::uint64_t>(plan_warm_up(facts()).size()) : std::nullopt;
}

PlanFacts Warmer::facts() const
{
    auto known = *facts_;
    known.learned = learned_;
    return known;
}

ipc::Result<RewarmId> Warmer::rewarm(const ipc::RewarmRequest& request, OnProgress on_event, OnRewarmed done,
                                     Clock::time_point now)
{
    auto planned = plan(request);
    if (!planned)
        return planned.error();
    if (rewarm_)
        return ipc::Error{ipc::ErrorType::overloaded, "a re-warm is under way: wait for it, or cancel it",
                          1000};
    rewarm_.emplace(Rewarm{.id = ++last_rewarm_,
                           .plan = std::move(*planned),
                           .on_event = std::move(on_event),
                           .done = std::move(done)});
    for (const auto& replica : replicas_.all())
        if (replica->serves())
            rewarm_->to_go.insert(rewarm_->to_go.begin(), replica->id());
    if (rewarm_->to_go.empty()) {
        rewarm_.reset();
        return ipc::Error{ipc::ErrorType::not_ready, "no replica serves that could be warmed", 1000};
    }
    const auto id = rewarm_->id;
    next_replica(now);
    return id;
}

bool Warmer::cancel(RewarmId id)
{
    if (!rewarm_ || rewarm_->id != id)
        return false;
    for (const auto replica : rewarm_->outcome.replicas)
        if (const auto* cancelled = find(replica); cancelled && cancelled->serves())
            runs_.erase(replica);
    end_rewarm("cancelled");
    return true;
}

void Warmer::next_replica(Clock::time_point now)
{
    while (!rewarm_->to_go.empty()) {
        const auto* replica = find(rewarm_->to_go.back());
        rewarm_->to_go.pop_back();
        if (!replica || !replica->serves())
            continue; // it is being warmed for another reason, or will be
        rewarm_->outcome.replicas.push_back(replica->id());
        WarmUpOrder order{.plan = rewarm_->plan,
                          .lanes = 1,
                          .budget = std::chrono::hours{24},
                          .calibrates = false,
                          .limits = {},
                          .memory_bytes = replica->memory.rss_bytes.value_or(0)};
        if (!begin(*replica, std::move(order), now).finished())
            return;
        merge(take(*replica));
    }
    end_rewarm(rewarm_->outcome.result);
}

void Warmer::merge(const WarmUpOutcome& outcome)
{
    auto& whole = rewarm_->outcome;
    for (const auto& cell : outcome.cells) {
        const auto same = std::ranges::find_if(whole.cells, [&](const ipc::WarmUpCell& known) {
            return known.task == cell.task && known.rows == cell.rows && known.length == cell.length;
        });
        if (same == whole.cells.end()) {
            whole.cells.push_back(cell);
            continue;
        }
        same->first_us = std::max(same->first_us, cell.first_us);
        same->steady_us = std::max(same->steady_us, cell.steady_us);
    }
    whole.memory_before_bytes += outcome.memory_before_bytes;
    whole.memory_after_bytes += outcome.memory_after_bytes;
}

void Warmer::end_rewarm(std::string result)
{
    auto ended = std::move(*rewarm_);
    rewarm_.reset();
    ended.outcome.result = std::move(result);
    if (ended.done)
        ended.done(ended.outcome);
}

bool Warmer::under_rewarm(const Replica& replica) const
{
    return rewarm_ && !rewarm_->outcome.replicas.empty() &&
           rewarm_->outcome.replicas.back() == replica.id() &&
           (replica.serves() || replica.state() == Replica::State::dead ||
            replica.state() == Replica::State::unhealthy);
}

Replica* Warmer::find(std::uint64_t id) const
{
    const auto& all = replicas_.all();
    const auto found = std::ranges::find_if(all, [id](const auto& replica) { return replica->id() == id; });
    return found == all.end() ? nullptr : found->get();
}

std::optional<Clock::time_point> Warmer::due(Clock::time_point now) const
{
    std::optional<Clock::time_point> first;
    for (const auto& [replica, run] : runs_)
        if (const auto due = run.run.due(now); due && (!first || *due < *first))
            first = due;
    return first;
}

} // namespace embedd::daemon
