#include "daemon/dispatcher.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

namespace embedd::daemon {

namespace {

constexpr std::uint64_t least_batch_tokens = 64;
constexpr std::uint8_t attempts = 2;

Batch part_of(const Batch& batch, std::span<const Part> parts)
{
    Batch some{.parts = {parts.begin(), parts.end()}, .attempt = batch.attempt, .suspect = batch.suspect};
    for (const auto& part : parts)
        some.tokens += part.tokens;
    return some;
}

std::map<JobId, std::vector<Part>> by_job(const std::vector<Part>& parts)
{
    std::map<JobId, std::vector<Part>> groups;
    for (const auto& part : parts)
        groups[part.job].push_back(part);
    return groups;
}

} // namespace

Dispatcher::Dispatcher(boost::asio::any_io_executor executor, const EngineOptions& options,
                       const EngineEvents& tell, Log& log)
    : replicas(
          executor, options, tell,
          {
              .on_done =
                  [this](Replica& replica, const RunningBatch& running, const ipc::BatchDone& answer,
                         const std::vector<std::byte>& payload) { done(replica, running, answer, payload); },
              .on_failed = [this](Replica& replica, const RunningBatch& running,
                                  const ipc::BatchFailed& answer) { failed(replica, running, answer); },
              .on_loaded = [this](Replica& replica, const ipc::Loaded& model) { loaded(replica, model); },
              .on_visited = [this](Replica& replica, const RunningBatch& running,
                                   const ipc::Visited& answer) { visited(replica, running, answer); },
              .on_lost = [this](Replica& replica, const std::vector<RunningBatch>& batches,
                                const std::string& how) { lost(replica, batches, how); },
              .on_change = [this] { on_change(); },
          },
          log),
      scheduler(options.max_queue_tokens), warmer(options.warm_up, replicas, *options.host),
      executor_(std::move(executor)), options_(options), tell_(tell), log_(log),
      balancer_(options.load_balancing, std::random_device()()), restart_(executor_),
      member_(options.host, [this] {
          return EngineLoad{.jobs = jobs_.size(), .batches_given = given_, .lanes = replicas.lanes()};
      })
{
}

JobId Dispatcher::submit(Job job, Done done, Clock::time_point now)
{
    QueuedJob queued{.owner = job.owner, .priority = job.priority, .deadline = job.deadline};
    for (const auto& input : job.inputs)
        queued.lengths.push_back(static_cast<std::uint32_t>(input.size()));
    queued.id = jobs_.add(std::move(job), std::move(done), now);
    if (stopping_)
        finish(queued.id, ipc::Error{ipc::ErrorType::draining, "the service is stopping", std::nullopt});
    else if (queued.lengths.empty())
        finish(queued.id, std::nullopt);
    else if (auto taken = scheduler.push(queued, now, replicas.lanes()); !taken)
        finish(queued.id, taken.error());
    return queued.id;
}

bool Dispatcher::cancel(JobId id)
{
    if (!jobs_.contains(id))
        return false;
    scheduler.forget(id);
    (void)jobs_.take(id);
    return true;
}

void Dispatcher::stop()
{
    stopping_ = true;
    for (const auto id : scheduler.waiting())
        finish(id, ipc::Error{ipc::ErrorType::draining, "the service is stopping", std::nullopt});
    restart_.stop();
    replicas.stop();
}

void Dispatcher::answer_all_draining()
{
    for (const auto id : jobs_.all())
        finish(id, ipc::Error{ipc::ErrorType::draining, "the service stopped", std::nullopt});
}

// Nothing is called from within the engine's own calls: answers are posted.
void Dispatcher::finish(JobId id, std::optional<ipc::Error> error)
{
    if (!jobs_.contains(id))
        return;
    scheduler.forget(id);
    auto [result, tell] = jobs_.take(id);
    ipc::Result<JobResult> outcome = std::move(result);
    if (error)
        outcome = std::move(*error);
    boost::asio::post(executor_, [tell = std::move(tell), outcome = std::move(outcome)]() mutable {
        tell(std::move(outcome));
    });
}

std::vector<Replica*> Dispatcher::free_replicas(const Replica* except)
{
    std::vector<Replica*> free;
    for (auto& replica : replicas.all())
        if (replica.get() != except && replica->lane_free())
            free.push_back(replica.get());
    return free;
}

Replica* Dispatcher::quietest()
{
    Replica* best = nullptr;
    for (auto& replica : replicas.all()) {
        if (replica->serves() && (!best || replica->batches_running() < best->batches_running()))
            best = replica.get();
    }
    return best;
}

void Dispatcher::send(Clock::time_point now)
{
    for (const auto id : scheduler.expired(now))
        finish(id, ipc::Error{ipc::ErrorType::deadline_exceeded, "timeout_ms passed while it waited",
                              std::nullopt});
    while (!proofs_.empty() && proofs_.front().limit <= now) {
        boost::asio::post(executor_, [tell = std::move(proofs_.front().tell)] { tell(false); });
        proofs_.erase(proofs_.begin());
    }

    send_visits(now);

    // A suspect runs where nothing else can be lost with it: the quietest replica is kept free for it.
    Replica* reserved = nullptr;
    while (scheduler.suspect_waits()) {
        reserved = quietest();
        if (!reserved || !reserved->idle())
            break;
        give(*reserved, std::move(*scheduler.next_suspect()), now);
        reserved = nullptr;
    }
    for (auto free = free_replicas(reserved); !free.empty(); free = free_replicas(reserved)) {
        auto batch = scheduler.next_batch();
        if (!batch)
            break;
        give(balancer_.choose(free), std::move(*batch), now);
    }
}

void Dispatcher::give(Replica& replica, Batch batch, Clock::time_point now)
{
    std::vector<std::span<const std::int32_t>> inputs;
    for (const auto& part : batch.parts) {
        inputs.push_back(jobs_.ids(part));
        jobs_.sent(part.job, now);
    }
    ++given_;
    const auto expected = std::chrono::microseconds(
        scheduler.cost().measured() ? static_cast<std::int64_t>(scheduler.cost().microseconds(batch.tokens))
                                    : 0);
    replicas.run(replica, std::move(batch), false, inputs, expected, now);
}

void Dispatcher::done(Replica& replica, const RunningBatch& running, const ipc::BatchDone& answer,
                      const std::vector<std::byte>& payload)
{
    if (running.visit)
        return replicas.condemn(replica, "answered a visit of its warm-up as if it were a batch: killed");
    const auto& batch = running.batch;
    const std::size_t inputs = running.probe ? 1 : batch.parts.size();
    const std::size_t dims = payload.size() / sizeof(float) / inputs;
    if (dims == 0 || payload.size() != dims * inputs * sizeof(float)) {
        again(batch, "answered a batch with the wrong number of values");
        return replicas.condemn(replica, "answered a batch with the wrong number of values: killed");
    }
    std::vector<float> rows(dims * inputs);
    std::memcpy(rows.data(), payload.data(), payload.size());

    const std::chrono::microseconds forward(answer.forward_us);
    last_answer_ = Clock::now();
    settle_proofs(true);
    if (running.probe)
        return;
    scheduler.measured(batch.tokens, forward);
    replica.computed(batch.tokens, forward);
    const auto cold = look_for_cold(replica, batch, answer);
    ++counters_.batches;
    counters_.batch_tokens += batch.tokens;
    counters_.busy_us += static_cast<std::uint64_t>(forward.count());
    batch_rows_ += std::max(answer.rows, batch.tokens);
    for (const auto& [job, parts] : by_job(batch.parts)) {
        if (jobs_.contains(job))
            jobs_.computed(job, forward, cold == "rung");
    }

    std::vector<Part> not_finite;
    store(batch, rows, dims, not_finite);
    if (tell_.on_batch)
        tell_.on_batch(batch.tokens, answer.rows, forward);
    if (not_finite.empty())
        return;
    again(part_of(batch, not_finite), "answered numbers that are not finite");
    replicas.condemn(replica,
                     "answered numbers that are not finite: killed, those inputs are computed again");
}

std::string_view Dispatcher::look_for_cold(Replica& replica, const Batch& batch, const ipc::BatchDone& answer)
{
    const std::string task = "embed";
    if (!options_.warmup)
        cold_starts_.computed(task, answer.rows, answer.device_us);
    const auto& costs = scheduler.cost();
    const auto expected = costs.measured()
                              ? std::optional(static_cast<std::uint64_t>(costs.microseconds(batch.tokens)))
                              : std::nullopt;
    const auto cause = cold_cause(replica.is_warm(task, answer.rows), answer, expected);
    replica.warmed(task, answer.rows);
    if (cause.empty())
        return cause;
    const auto longest = std::ranges::max_element(batch.parts, {}, &Part::tokens);
    warmer.learn({task, answer.rows, longest->tokens});
    if (tell_.on_cold_hit) {
        const auto mono =
            std::chrono::duration_cast<std::chrono::microseconds>(last_answer_->time_since_epoch());
        tell_.on_cold_hit({.mono_us = static_cast<std::uint64_t>(mono.count()),
                           .cause = std::string(cause),
                           .task = task,
                           .rows = answer.rows,
                           .length = longest->tokens,
                           .took_us = answer.device_us,
                           .expected_us = expected});
    }
    return cause;
}

void Dispatcher::store(const Batch& batch, std::span<const float> rows, std::size_t dims,
                       std::vector<Part>& not_finite)
{
    for (std::size_t i = 0; i < batch.parts.size(); ++i) {
        const auto& part = batch.parts[i];
        const auto row = rows.subspan(i * dims, dims);
        if (!jobs_.contains(part.job))
            continue;
        if (!std::ranges::all_of(row, [](float value) { return std::isfinite(value); }))
            not_finite.push_back(part);
        else if (jobs_.store(part, row))
            finish(part.job, std::nullopt);
    }
}

void Dispatcher::each_alone(const Batch& batch, std::uint8_t attempt, bool suspect)
{
    for (const auto& [job, parts] : by_job(batch.parts)) {
        if (!jobs_.contains(job))
            continue;
        ++counters_.retries;
        auto alone = part_of(batch, parts);
        alone.attempt = attempt;
        alone.suspect = suspect;
        scheduler.retry(std::move(alone));
    }
}

void Dispatcher::again(const Batch& batch, std::string_view what)
{
    if (batch.attempt < attempts)
        return each_alone(batch, static_cast<std::uint8_t>(batch.attempt + 1), true);
    for (const auto& [job, parts] : by_job(batch.parts)) {
        if (!jobs_.contains(job))
            continue;
        log_.error("a request failed " + std::to_string(attempts) + " times, its worker " +
                   std::string(what) + ": answered internal, others go on");
        finish(job, ipc::Error{ipc::ErrorType::internal,
                               "the worker " + std::string(what) + " on this request, given up after " +
                                   std::to_string(attempts) + " attempts",
                               std::nullopt});
    }
}

void Dispatcher::out_of_memory(const Batch& batch)
{
    if (batch.parts.size() == 1) {
        log_.warning("out of memory with one input of " + std::to_string(batch.tokens) +
                     " tokens: answered insufficient_memory");
        return finish(batch.parts.front().job,
                      ipc::Error{ipc::ErrorType::insufficient_memory,
                                 "the device has no memory for an input of " + std::to_string(batch.tokens) +
                                     " tokens: send a shorter one",
                                 std::nullopt});
    }
    scheduler.lower_batch_tokens(std::max(batch.tokens / 2, least_batch_tokens));
    log_.warning("out of memory with a batch of " + std::to_string(batch.tokens) +
                 " tokens: batches have at most " + std::to_string(scheduler.batch_tokens()) +
                 " from here on, it is computed in halves");
    const std::span<const Part> parts(batch.parts);
    for (const auto half : {parts.first(parts.size() / 2), parts.subspan(parts.size() / 2)}) {
        ++counters_.retries;
        scheduler.retry(part_of(batch, half));
    }
}

void Dispatcher::failed(Replica& replica, const RunningBatch& running, const ipc::BatchFailed& answer)
{
    const auto& batch = running.batch;
    if (running.visit)
        return visit_failed(replica, *running.visit, answer);
    if (running.probe)
        return replicas.condemn(replica, "failed its proof (" + answer.message + "): killed");
    switch (answer.fault) {
    case ipc::BatchFault::out_of_memory:
        return out_of_memory(batch);
    case ipc::BatchFault::rejected:
        if (by_job(batch.parts).size() > 1)
            return each_alone(batch, batch.attempt, batch.suspect);
        return finish(batch.parts.front().job,
                      ipc::Error{ipc::ErrorType::bad_request, answer.message, std::nullopt});
    case ipc::BatchFault::internal:
        again(batch, "failed");
        return replicas.condemn(replica, "failed a batch (" + answer.message + "): killed, computed again");
    }
}

void Dispatcher::lost(Replica& replica, const std::vector<RunningBatch>& batches, const std::string& how)
{
    to_warm_.erase(replica.id());
    warmer.ended(replica);
    restart_.ended(replica, how);
    for (const auto& running : batches) {
        if (!running.of_clients())
            continue;
        if (stopping_) {
            for (const auto& part : running.batch.parts)
                finish(part.job, ipc::Error{ipc::ErrorType::draining, "the service stopped", std::nullopt});
        } else if (running.blamed) {
            again(running.batch, "ended or hung");
        } else if (running.batch.suspect || running.batch.attempt > 1) {
            scheduler.retry(running.batch);
        } else {
            scheduler.put_back(running.batch);
        }
    }
}

void Dispatcher::settle_proofs(bool serving)
{
    for (auto& proof : std::exchange(proofs_, {}))
        boost::asio::post(executor_, [tell = std::move(proof.tell), serving] { tell(serving); });
}

void Dispatcher::prove(std::chrono::milliseconds lately, std::function<void(bool)> tell,
                       Clock::time_point now)
{
    if (replicas.serving() == 0 || (last_answer_ && now - *last_answer_ <= lately)) {
        const bool serves = replicas.serving() > 0;
        boost::asio::post(executor_, [tell = std::move(tell), serves] { tell(serves); });
        return;
    }
    proofs_.push_back({now + replicas.proof_limit(), std::move(tell)});
    const auto free = free_replicas(nullptr);
    if (free.empty() || proofs_.size() > 1)
        return; // what runs is proof as well
    const std::vector<std::int32_t> ids{0};
    const std::vector<std::span<const std::int32_t>> inputs{ids};
    replicas.run(balancer_.choose(free), Batch{.tokens = 1}, true, inputs, {}, now);
}

std::optional<Clock::time_point> Dispatcher::due(Clock::time_point now) const
{
    auto first = replicas.due();
    for (const auto& other : {warmer.due(now), scheduler.next_deadline(),
                              proofs_.empty() ? std::nullopt : std::optional(proofs_.front().limit)}) {
        if (other && (!first || *other < *first))
            first = other;
    }
    return first;
}

ipc::Result<void> Dispatcher::restart(std::uint64_t id, OnProgress on_progress, OnRestarted done,
                                      Clock::time_point now)
{
    const auto& all = replicas.all();
    const auto found = std::ranges::find_if(all, [id](const auto& replica) { return replica->id() == id; });
    if (found == all.end())
        return ipc::Error{ipc::ErrorType::bad_request,
                          "there is no replica " + std::to_string(id) + ": their ids are 0 to " +
                              std::to_string(all.size() - 1),
                          std::nullopt};
    if (stopping_)
        return ipc::Error{ipc::ErrorType::draining, "the service is stopping", std::nullopt};
    if (restart_.under_way())
        return ipc::Error{ipc::ErrorType::overloaded, "a replica is being restarted: wait for it", 1000};
    restart_.begin(**found, std::move(on_progress), std::move(done), now);
    replicas.restart(**found, now);
    return {};
}

std::optional<Calibration> Dispatcher::calibration() const
{
    if (!scheduler.cost().measured() || !replicas.card())
        return std::nullopt;
    const auto& model = replicas.card()->model;
    return Calibration{.fingerprint = model.fingerprint,
                       .dtype = model.dtype,
                       .cost = scheduler.cost(),
                       .batch_tokens = scheduler.batch_tokens()};
}

std::optional<ipc::ColdStart> Dispatcher::cold_start() const
{
    return options_.warmup ? std::nullopt : std::optional(cold_starts_.sum());
}

ipc::BatchStatus Dispatcher::batch() const
{
    ipc::BatchStatus status{.max_tokens = scheduler.batch_tokens()};
    if (counters_.batches == 0 || batch_rows_ == 0)
        return status;
    status.mean_tokens = static_cast<double>(counters_.batch_tokens) / static_cast<double>(counters_.batches);
    status.padding_fraction =
        1 - static_cast<double>(counters_.batch_tokens) / static_cast<double>(batch_rows_);
    return status;
}

} // namespace embedd::daemon
