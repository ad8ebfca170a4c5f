#pragma once

#include "daemon/cost_model.hpp"
#include "daemon/devices.hpp"
#include "daemon/engine_pace.hpp"
#include "daemon/failure.hpp"
#include "daemon/host_load.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/load_balancing.hpp"
#include "daemon/warm_up_plan.hpp"
#include "daemon/worker.hpp"
#include "ipc/error.hpp"
#include "ipc/reply.hpp"
#include "ipc/request.hpp"
#include "ipc/worker_protocol.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

class Log;
struct RewarmOutcome;
struct WarmUpOutcome;

// Whose work it is: fairness is first between uids, then between the connections of one uid.
struct Owner {
    uid_t uid = 0;
    std::uint64_t connection = 0;
};

// Texts as the network takes them: each input's ids, special tokens included, in range, none empty.
struct Job {
    Owner owner;
    ipc::Priority priority = ipc::Priority::interactive;
    std::optional<Clock::time_point> deadline;
    std::vector<ipc::TokenIds> inputs;
};

struct JobResult {
    std::uint64_t dims = 0;
    bool cold = false;                   // a batch it was in had rows that its worker had never computed
    std::vector<float> rows;             // inputs x dims, pooled, finite, not normalised
    std::chrono::microseconds queued{};  // until its first part was sent to a lane
    std::chrono::microseconds forward{}; // summed over the batches it was in, each counted once
};

using JobId = std::uint64_t;
using RewarmId = std::uint64_t;
using OnProgress = std::function<void(const ipc::Progress&)>;
using OnRewarmed = std::function<void(const RewarmOutcome&)>;
using OnRestarted = std::function<void(const ipc::Result<ipc::RestartReplicaReply>&)>;

// What batches of a model cost on this host, measured in quiet.
struct Calibration {
    std::string fingerprint, dtype; // of the model
    CostModel cost;
    std::uint64_t batch_tokens = 0;
};

struct WarmUpOptions {
    std::chrono::milliseconds budget{20'000};
    std::optional<std::chrono::milliseconds> max_batch_latency; // nothing: as suits the device
    std::uint64_t max_batch_tokens = 0;                         // 0: measured
};

struct EngineOptions {
    std::vector<WorkerCommand> workers; // one for each replica, at least one
    LoadBalancing load_balancing = LoadBalancing::least_loaded;
    std::uint64_t max_queue_tokens = 2'000'000;
    WarmUpOptions warm_up;
    bool warmup = true;           // false: ready for traffic right after loading
    std::uint64_t generation = 1; // of the model, as status shows it
    std::shared_ptr<HostLoad> host = std::make_shared<HostLoad>();
    std::optional<Calibration> calibration; // of an earlier engine: taken over where it is the same model
    EnginePace pace;
};

// What the engine tells the rest of the daemon. All on the event loop's thread.
struct EngineEvents {
    // Progress of the first bring-up only; replicas healed later are seen in replicas().
    std::function<void(const ipc::LoadProgress&)> on_load_progress;
    std::function<void(const ipc::Loaded&)> on_loaded;
    std::function<void(WarmUpStage, std::uint64_t done, std::uint64_t total)> on_warm_up_progress;
    // The first replica is warm: it takes batches from here on. Not called without warm-up: then it does so
    // from on_loaded on.
    std::function<void(const WarmUpOutcome&)> on_warmed;
    // Another replica takes batches: so many do, of so many there should be.
    std::function<void(std::uint64_t serving, std::uint64_t of)> on_serving;
    // A replica failed before any ever served, and is tried again.
    std::function<void(const std::string& reason)> on_trouble;
    // The first bring-up cannot succeed: a fault of the model or the device, with the exit code embedd should
    // end with.
    std::function<void(const Failure&)> on_fatal;
    // Fewer replicas serve than were asked for (reason), or all do again (nothing).
    std::function<void(std::optional<std::string> reason)> on_degraded;
    std::function<void(const ipc::ColdHit&)> on_cold_hit;
    std::function<void()> on_ended; // after stop: no worker is left
    // One batch was computed: tokens of its inputs, the rung it was rounded up to, and its time in the lane.
    std::function<void(std::uint64_t tokens, std::uint64_t rows, std::chrono::microseconds forward)> on_batch;
};

// Only grow.
struct EngineCounters {
    std::uint64_t retries = 0, restarts = 0;
    std::uint64_t batches = 0, batch_tokens = 0;
    std::uint64_t busy_us = 0; // of all lanes

    EngineCounters& operator+=(const EngineCounters&);
};

// The queue and the replicas: builds batches by token budget from what is queued when a lane is free, sends
// them to workers, puts the answers together, and heals workers that die, hang or answer nonsense
// (docs/architecture.md). Event loop's thread only.
class Engine {
public:
    using Done = std::function<void(ipc::Result<JobResult>)>;

    Engine(boost::asio::any_io_executor, EngineOptions, EngineEvents, Log&);
    ~Engine(); // kills the workers; jobs still open are answered `draining`
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    void start();

    // Calls done exactly once, never from within submit. A full queue is `overloaded` with retry_after_ms.
    JobId submit(Job, Done);

    // Forgets the job: what is queued costs nothing more, a part already in a lane runs to its end and is
    // thrown away, and done is not called. False: no such job (it was answered).
    bool cancel(JobId);

    // The worst error of the past is not the health of now: proves a replica by a small batch of its own when
    // none was answered within `lately`, with a deadline, and says whether any replica serves.
    void prove(std::chrono::milliseconds lately, std::function<void(bool serving)>);

    // Shapes that clients met cold in an earlier life: part of every plan from here on.
    void learn(const Shape&);

    // Warms the replicas that serve again, one after another, beside traffic. Neither function is called from
    // within, done exactly once unless it is refused. Cancelling keeps what is warm by then.
    [[nodiscard]] ipc::Result<RewarmId> rewarm(const ipc::RewarmRequest&, OnProgress, OnRewarmed);
    bool cancel_rewarm(RewarmId);
    // What it would do: replicas, cells, and the device time they are estimated to take.
    [[nodiscard]] ipc::Result<ipc::RewarmReply> rewarm_plan(const ipc::RewarmRequest&) const;
    [[nodiscard]] std::optional<std::uint64_t> plan_cells() const;

    // Ends one replica after its running batches, spawns it again and warms it. Neither function is called
    // from within, done exactly once unless it is refused.
    [[nodiscard]] ipc::Result<void> restart(std::uint64_t replica, OnProgress, OnRestarted);

    void stop(); // asks workers to end after their running batches; on_ended follows

    [[nodiscard]] bool idle() const;    // no job waits or runs
    [[nodiscard]] bool overdue() const; // the supervisor failed to act in time: the watchdog must not be fed
    [[nodiscard]] ipc::QueueStatus queue(Clock::time_point now) const;
    [[nodiscard]] std::vector<ipc::ReplicaStatus> replicas(Clock::time_point now) const;
    [[nodiscard]] std::vector<DeviceReport> devices() const; // of each replica whose device is known
    [[nodiscard]] ipc::BatchStatus batch() const;
    [[nodiscard]] std::optional<ipc::ColdStart> cold_start() const; // where warm-up was left out
    [[nodiscard]] EngineCounters counters() const;
    [[nodiscard]] std::optional<Calibration> calibration() const; // once measured

private:
    class State;
    std::shared_ptr<State> state_;
};

} // namespace embedd::daemon
