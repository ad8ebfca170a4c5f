#include "daemon/engine.hpp"

#include "daemon/dispatcher.hpp"

#include <boost/asio/steady_timer.hpp>

namespace embedd::daemon {

// Joins what decides (Dispatcher) to the clock: one timer for whatever is due next.
class Engine::State : public std::enable_shared_from_this<Engine::State> {
public:
    State(const boost::asio::any_io_executor& executor, EngineOptions options, EngineEvents events, Log& log)
        : options_(std::move(options)), events_(std::move(events)), timer_(executor),
          dispatcher(executor, options_, events_, log)
    {
        dispatcher.on_change = [this] { turn(); };
    }

    void turn()
    {
        const auto now = Clock::now();
        dispatcher.replicas.tick(now);
        dispatcher.send(now);
        arm(now);
    }

private:
    void arm(Clock::time_point now)
    {
        const auto due = dispatcher.due(now);
        if (due == armed_for_)
            return;
        armed_for_ = due;
        timer_.cancel();
        if (!due)
            return;
        timer_.expires_at(*due);
        timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
            const auto state = weak.lock();
            if (error || !state)
                return;
            state->armed_for_.reset();
            state->turn();
        });
    }

    EngineOptions options_;
    EngineEvents events_;
    boost::asio::steady_timer timer_;
    std::optional<Clock::time_point> armed_for_;

public:
    const Clock::time_point born = Clock::now();
    Dispatcher dispatcher; // last: its workers end first
};

Engine::Engine(boost::asio::any_io_executor executor, EngineOptions options, EngineEvents events, Log& log)
    : state_(std::make_shared<State>(executor, std::move(options), std::move(events), log))
{
}

Engine::~Engine()
{
    state_->dispatcher.answer_all_draining();
}

void Engine::start()
{
    state_->dispatcher.replicas.start(Clock::now());
    state_->turn();
}

JobId Engine::submit(Job job, Done done)
{
    const auto id = state_->dispatcher.submit(std::move(job), std::move(done), Clock::now());
    state_->turn();
    return id;
}

bool Engine::cancel(JobId id)
{
    return state_->dispatcher.cancel(id);
}

void Engine::prove(std::chrono::milliseconds lately, std::function<void(bool serving)> tell)
{
    state_->dispatcher.prove(lately, std::move(tell), Clock::now());
    state_->turn();
}

void Engine::learn(const Shape& shape)
{
    state_->dispatcher.warmer.learn(shape);
}

ipc::Result<RewarmId> Engine::rewarm(const ipc::RewarmRequest& request, OnProgress on_event, OnRewarmed done)
{
    auto id = state_->dispatcher.rewarm(request, std::move(on_event), std::move(done), Clock::now());
    state_->turn();
    return id;
}

bool Engine::cancel_rewarm(RewarmId id)
{
    return state_->dispatcher.warmer.cancel(id);
}

ipc::Result<ipc::RewarmReply> Engine::rewarm_plan(const ipc::RewarmRequest& request) const
{
    return state_->dispatcher.rewarm_plan(request);
}

std::optional<std::uint64_t> Engine::plan_cells() const
{
    return state_->dispatcher.warmer.plan_cells();
}

ipc::Result<void> Engine::restart(std::uint64_t replica, OnProgress on_progress, OnRestarted done)
{
    auto begun = state_->dispatcher.restart(replica, std::move(on_progress), std::move(done), Clock::now());
    state_->turn();
    return begun;
}

void Engine::stop()
{
    state_->dispatcher.stop();
    state_->turn();
}

bool Engine::idle() const
{
    return state_->dispatcher.idle();
}

bool Engine::overdue() const
{
    return state_->dispatcher.replicas.overdue(Clock::now());
}

ipc::QueueStatus Engine::queue(Clock::time_point now) const
{
    return state_->dispatcher.scheduler.status(now);
}

std::vector<ipc::ReplicaStatus> Engine::replicas(Clock::time_point) const
{
    const auto& set = state_->dispatcher.replicas;
    const auto born_us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(state_->born.time_since_epoch()).count());
    std::vector<ipc::ReplicaStatus> statuses;
    for (const auto& replica : set.all()) {
        auto status = replica->status();
        status.device = replica->device() ? replica->device()->device.id : set.device(*replica);
        status.model_generation = set.generation();
        if (status.last_batch_us)
            *status.last_batch_us -= born_us;
        statuses.push_back(std::move(status));
    }
    return statuses;
}

std::vector<DeviceReport> Engine::devices() const
{
    std::vector<DeviceReport> reports;
    for (const auto& replica : state_->dispatcher.replicas.all())
        if (replica->device())
            reports.push_back(*replica->device());
    return reports;
}

ipc::BatchStatus Engine::batch() const
{
    return state_->dispatcher.batch();
}

std::optional<ipc::ColdStart> Engine::cold_start() const
{
    return state_->dispatcher.cold_start();
}

std::optional<Calibration> Engine::calibration() const
{
    return state_->dispatcher.calibration();
}

EngineCounters& EngineCounters::operator+=(const EngineCounters& other)
{
    retries += other.retries;
    restarts += other.restarts;
    batches += other.batches;
    batch_tokens += other.batch_tokens;
    busy_us += other.busy_us;
    return *this;
}

EngineCounters Engine::counters() const
{
    EngineCounters counters = state_->dispatcher.counters();
    for (const auto& replica : state_->dispatcher.replicas.all())
        counters.restarts += replica->restarts();
    return counters;
}

} // namespace embedd::daemon
