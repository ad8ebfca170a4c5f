#pragma once

#include "daemon/devices.hpp"
#include "daemon/engine_pace.hpp"
#include "daemon/scheduler.hpp"
#include "daemon/warm_up_run.hpp"
#include "ipc/histogram.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace embedd::daemon {

struct RunningBatch {
    Batch batch;
    Clock::time_point sent, limit;
    bool probe = false;               // no client's: it proves that the replica serves
    std::optional<Visit> visit;       // no client's either: a cell of a warm-up
    std::uint64_t batches_before = 0; // of a visit: how many batches clients had been given
    bool blamed = false;              // it may be why the worker ended

    [[nodiscard]] bool of_clients() const { return !probe && !visit; }
};

// What the daemon knows of one worker, life after life: a value driven by events that carry their time.
// Numbers of batches are unique in a worker's life; a new generation begins with each spawn.
class Replica {
public:
    enum class State : std::uint8_t { starting, loading, warming, ready, unhealthy, dead };

    Replica(std::uint64_t id, const EnginePace& pace) : id_(id), pace_(pace), backoff_(pace.respawn) {}

    void spawned(std::optional<pid_t> pid, Clock::time_point now);
    void sign_of_life(Clock::time_point now);
    void loading();
    void loaded(std::uint64_t lanes);
    void computes_on(ipc::DeviceStatus figures, Clock::time_point now);
    void computes_on(std::string device, std::string name); // that tells no figures, unless it did before
    void serving(Clock::time_point now);

    std::uint64_t send(Batch, bool probe, std::chrono::microseconds expected, Clock::time_point now);
    std::uint64_t send(Visit, std::uint64_t batches_before, Clock::time_point now);
    // Nothing: no such batch in this life.
    [[nodiscard]] std::optional<RunningBatch> answered(std::uint64_t number, Clock::time_point now);
    void computed(std::uint64_t tokens, std::chrono::microseconds forward);

    // Why it must be killed now, if it must; blames the batches it is for.
    [[nodiscard]] std::optional<std::string> give_up(Clock::time_point now);
    // Killed for a reason that is none of its running batches'.
    void condemned();
    // It gets no more work: asked to end once idle, its end is then no failure, and another life follows at
    // once. One that is dead is spawned again without waiting any longer.
    void leave(Clock::time_point now);
    void asked_to_end(Clock::time_point now);
    [[nodiscard]] bool leaving() const noexcept { return leaving_; }
    // The process is reaped and the channel closed: what was running, and a back-off begins. A worker that
    // ended by itself leaves every batch blamed.
    [[nodiscard]] std::vector<RunningBatch> ended(Clock::time_point now);

    // When give_up or a respawn is due.
    [[nodiscard]] std::optional<Clock::time_point> due() const;
    [[nodiscard]] bool respawn_due(Clock::time_point now) const
    {
        return state_ == State::dead && now >= respawn_at_;
    }

    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    [[nodiscard]] State state() const noexcept { return state_; }
    [[nodiscard]] bool serves() const noexcept { return state_ == State::ready && !leaving_; }
    [[nodiscard]] bool lane_free() const;
    [[nodiscard]] bool lane_free_for_visit() const; // also before it serves

    // Whether this worker has computed that many rows before, and so has their primitives.
    [[nodiscard]] bool is_warm(const std::string& task, std::uint64_t rows) const
    {
        return warm_.contains({task, rows});
    }
    void warmed(const std::string& task, std::uint64_t rows) { warm_.emplace(task, rows); }
    [[nodiscard]] bool idle() const { return running_.empty(); }
    [[nodiscard]] std::size_t batches_running() const { return running_.size(); }
    [[nodiscard]] std::uint64_t lanes() const noexcept { return lanes_; }
    [[nodiscard]] std::uint64_t restarts() const { return generation_ > 0 ? generation_ - 1 : 0; }
    [[nodiscard]] std::chrono::milliseconds respawn_wait() const noexcept { return respawn_wait_; }
    [[nodiscard]] std::string name() const; // "replica 0 (pid 4711)"
    [[nodiscard]] ipc::ReplicaStatus status() const;
    [[nodiscard]] const std::optional<DeviceReport>& device() const noexcept { return device_; }

    ipc::ReplicaMemory memory; // as last told

private:
    std::uint64_t id_;
    EnginePace pace_;
    Backoff backoff_;
    State state_ = State::dead;
    std::optional<pid_t> pid_;
    std::uint64_t generation_ = 0, next_batch_ = 1, lanes_ = 0;
    Clock::time_point silent_since_, respawn_at_;
    std::optional<Clock::time_point> serving_since_;
    std::chrono::milliseconds respawn_wait_{0};
    bool alive_ = false; // since the spawn something was heard
    bool leaving_ = false;
    std::optional<Clock::time_point> leave_by_;
    std::map<std::uint64_t, RunningBatch> running_;
    std::set<std::pair<std::string, std::uint64_t>> warm_;
    ipc::ReplicaStatus counts_;
    ipc::Histogram forward_;
    std::optional<DeviceReport> device_; // its figures go with the worker that told them
    std::uint64_t epoch_ = 0;
};

} // namespace embedd::daemon
