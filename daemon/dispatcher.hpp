#pragma once

#include "daemon/balancer.hpp"
#include "daemon/cold_starts.hpp"
#include "daemon/job_table.hpp"
#include "daemon/replica_restart.hpp"
#include "daemon/replica_set.hpp"
#include "daemon/warmer.hpp"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace embedd::daemon {

// Which replica computes what, and what becomes of its answer: rows to their jobs, failures to a second
// attempt or to the one request they are the fault of.
class Dispatcher {
public:
    using Done = Engine::Done;

    Dispatcher(boost::asio::any_io_executor, const EngineOptions&, const EngineEvents&, Log&);

    [[nodiscard]] JobId submit(Job, Done, Clock::time_point now);
    bool cancel(JobId);
    void stop(); // what has not begun is answered `draining`, and so is what comes
    void answer_all_draining();

    void send(Clock::time_point now); // whatever waits, to whoever is free
    void prove(std::chrono::milliseconds lately, std::function<void(bool)>, Clock::time_point now);

    // As Engine says of its own.
    [[nodiscard]] ipc::Result<RewarmId> rewarm(const ipc::RewarmRequest&, OnProgress, OnRewarmed,
                                               Clock::time_point now);
    [[nodiscard]] ipc::Result<ipc::RewarmReply> rewarm_plan(const ipc::RewarmRequest&) const;

    [[nodiscard]] ipc::Result<void> restart(std::uint64_t replica, OnProgress, OnRestarted,
                                            Clock::time_point now);

    ReplicaSet replicas;
    Scheduler scheduler;
    Warmer warmer;

    [[nodiscard]] bool idle() const { return jobs_.empty(); }
    [[nodiscard]] std::optional<Clock::time_point> due(Clock::time_point now) const;
    [[nodiscard]] const EngineCounters& counters() const noexcept { return counters_; } // but restarts
    [[nodiscard]] ipc::BatchStatus batch() const;
    [[nodiscard]] std::optional<ipc::ColdStart> cold_start() const;
    [[nodiscard]] std::optional<Calibration> calibration() const;

    std::function<void()> on_change;

private:
    struct Proof {
        Clock::time_point limit;
        std::function<void(bool)> tell;
    };

    void loaded(Replica&, const ipc::Loaded&);
    void visited(Replica&, const RunningBatch&, const ipc::Visited&);
    void visit_failed(Replica&, const Visit&, const ipc::BatchFailed&);
    void begin_warm_up(Replica&, Clock::time_point now); // if it waits for that, and may
    void warm(Replica&, Clock::time_point now);          // its run is over: it may serve
    void tell_warm_up(const Replica&);
    void send_visits(Clock::time_point now);
    void done(Replica&, const RunningBatch&, const ipc::BatchDone&, const std::vector<std::byte>& payload);
    [[nodiscard]] std::string_view look_for_cold(Replica&, const Batch&, const ipc::BatchDone&);
    void failed(Replica&, const RunningBatch&, const ipc::BatchFailed&);
    void lost(Replica&, const std::vector<RunningBatch>&, const std::string& how);
    void serve(Replica&, Clock::time_point now, const WarmUpOutcome*);
    void take_over(const ipc::ModelStatus&);         // what an earlier engine measured of the same model
    void again(const Batch&, std::string_view what); // each request alone; the second time it is answered
    void out_of_memory(const Batch&);
    void each_alone(const Batch&, std::uint8_t attempt, bool suspect);
    void store(const Batch&, std::span<const float> rows, std::size_t dims, std::vector<Part>& not_finite);
    void finish(JobId, std::optional<ipc::Error>);
    void give(Replica&, Batch, Clock::time_point now);
    [[nodiscard]] std::vector<Replica*> free_replicas(const Replica* except);
    [[nodiscard]] Replica* quietest();
    void settle_proofs(bool serving);

    boost::asio::any_io_executor executor_;
    const EngineOptions& options_;
    const EngineEvents& tell_;
    Log& log_;
    Balancer balancer_;
    std::map<std::uint64_t, ipc::Loaded> to_warm_; // by replica: whose warm-up has not begun
    ColdStarts cold_starts_;
    JobTable jobs_;
    ReplicaRestart restart_;
    std::vector<Proof> proofs_;
    std::optional<Clock::time_point> last_answer_;
    EngineCounters counters_;
    std::uint64_t given_ = 0, batch_rows_ = 0;
    bool stopping_ = false;
    HostLoad::Member member_; // last: it reads what is above
};

} // namespace embedd::daemon
