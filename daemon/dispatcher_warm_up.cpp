#include "daemon/dispatcher.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>

// The dispatcher's part in warm-up: visits to lanes, and what comes back.
namespace embedd::daemon {

namespace {

constexpr std::uint64_t unmeasured_batch_tokens = 512;

} // namespace

void Dispatcher::loaded(Replica& replica, const ipc::Loaded& model)
{
    if (model.rungs.empty())
        return replicas.condemn(replica, "has no ladder to round batches up to: killed");
    take_over(model.card.model);
    if (options_.warmup) {
        to_warm_.insert_or_assign(replica.id(), model);
        return;
    }
    if (!scheduler.cost().measured())
        scheduler.calibrate({}, options_.warm_up.max_batch_tokens != 0 ? options_.warm_up.max_batch_tokens
                                                                       : unmeasured_batch_tokens);
    serve(replica, Clock::now(), nullptr);
}

void Dispatcher::take_over(const ipc::ModelStatus& model)
{
    const auto& known = options_.calibration;
    if (known && !scheduler.cost().measured() && known->fingerprint == model.fingerprint &&
        known->dtype == model.dtype)
        scheduler.calibrate(known->cost, known->batch_tokens);
}

// It takes batches from here on.
void Dispatcher::serve(Replica& replica, Clock::time_point now, const WarmUpOutcome* warmed)
{
    const bool first = replicas.serve(replica, now);
    restart_.serves(replica, now);
    if (first && warmed && tell_.on_warmed)
        tell_.on_warmed(*warmed);
    if (tell_.on_serving)
        tell_.on_serving(replicas.serving(), replicas.all().size());
}

// The first one is alone until it serves: what it calibrates would be wrong beside others.
void Dispatcher::begin_warm_up(Replica& replica, Clock::time_point now)
{
    const bool calibrated = scheduler.cost().measured();
    const bool another_calibrates = !calibrated && replicas.serving() == 0 && warmer.warming();
    const auto waiting = to_warm_.find(replica.id());
    if (waiting == to_warm_.end() || replica.state() != Replica::State::warming || another_calibrates)
        return;
    warmer.loaded(replica, waiting->second,
                  calibrated ? std::optional(scheduler.batch_tokens()) : std::nullopt, now);
    to_warm_.erase(waiting);
    tell_warm_up(replica);
    if (warmer.run(replica)->finished())
        warm(replica, now);
}

void Dispatcher::send_visits(Clock::time_point now)
{
    if (stopping_)
        return;
    for (const auto& replica : replicas.all()) {
        begin_warm_up(*replica, now);
        while (replica->lane_free_for_visit()) {
            auto visit = warmer.next(*replica, now);
            if (!visit)
                break;
            replicas.visit(*replica, std::move(*visit), options_.host->sum().batches_given, now);
        }
    }
}

void Dispatcher::visited(Replica& replica, const RunningBatch& running, const ipc::Visited& answer)
{
    if (!running.visit || answer.device_us.empty()) {
        if (running.of_clients())
            again(running.batch, "answered a batch as if it were a visit");
        return replicas.condemn(replica, "answered as if it visited a shape: killed");
    }
    const auto& visit = *running.visit;
    if (!answer.finite)
        return replicas.condemn(replica, "computed numbers that are not finite in its warm-up, at " +
                                             std::to_string(visit.shape.rows) + " rows: killed");
    const auto now = Clock::now();
    replica.warmed(visit.shape.task, visit.shape.rows);
    const auto load = options_.host->sum();
    const bool traffic = load.batches_given != running.batches_before || load.jobs > 0;
    const bool over = warmer.visited(replica, visit, answer, now - running.sent, traffic, now);
    tell_warm_up(replica);
    if (over)
        warm(replica, now);
}

void Dispatcher::visit_failed(Replica& replica, const Visit& visit, const ipc::BatchFailed& answer)
{
    if (answer.fault != ipc::BatchFault::out_of_memory)
        return replicas.condemn(replica, "failed its warm-up at " + std::to_string(visit.shape.rows) +
                                             " rows (" + answer.message + "): killed");
    log_.warning("out of memory in the warm-up of " + replica.name() + " at " +
                 std::to_string(visit.shape.rows) + " rows: batches stay below");
    const auto now = Clock::now();
    if (warmer.out_of_memory(replica, visit, now))
        warm(replica, now);
}

void Dispatcher::tell_warm_up(const Replica& replica)
{
    const auto* run = warmer.run(replica);
    if (run)
        restart_.step(replica, "warmup", run->done(), run->total());
    if (run && !replicas.ever_served() && tell_.on_warm_up_progress)
        tell_.on_warm_up_progress(run->stage(), run->done(), run->total());
}

void Dispatcher::warm(Replica& replica, Clock::time_point now)
{
    const auto outcome = warmer.take(replica);
    if (outcome.rungs.empty())
        return replicas.condemn(replica, "has not enough memory for the smallest batch: killed");
    // What is measured beside traffic never replaces what was measured in quiet.
    if (!scheduler.cost().measured() && !outcome.cells.empty())
        scheduler.calibrate(CostModel(outcome.rungs), outcome.max_batch_tokens);
    else if (outcome.out_of_memory_rows && outcome.max_batch_tokens < scheduler.batch_tokens())
        scheduler.lower_batch_tokens(outcome.max_batch_tokens);
    serve(replica, now, &outcome);
}

ipc::Result<RewarmId> Dispatcher::rewarm(const ipc::RewarmRequest& request, OnProgress on_event,
                                         OnRewarmed done, Clock::time_point now)
{
    // Nothing is called from within the engine's own calls: all is posted.
    return warmer.rewarm(
        request,
        [executor = executor_, on_event = std::move(on_event)](const ipc::Progress& event) {
            if (on_event)
                boost::asio::post(executor, [on_event, event] { on_event(event); });
        },
        [executor = executor_, done = std::move(done)](const RewarmOutcome& outcome) {
            boost::asio::post(executor, [done, outcome] { done(outcome); });
        },
        now);
}

ipc::Result<ipc::RewarmReply> Dispatcher::rewarm_plan(const ipc::RewarmRequest& request) const
{
    const auto plan = warmer.plan(request);
    if (!plan)
        return plan.error();
    ipc::RewarmReply reply{.dry_run = true, .cells = plan->size()};
    for (const auto& replica : replicas.all())
        if (replica->serves())
            reply.replicas.push_back(replica->id());
    double cost = 0;
    for (const auto& cell : *plan)
        cost += passes_of(cell) * scheduler.cost().microseconds(cell.shape.rows);
    if (scheduler.cost().measured())
        reply.estimate_us = static_cast<std::uint64_t>(cost * static_cast<double>(reply.replicas.size()));
    return reply;
}

} // namespace embedd::daemon
