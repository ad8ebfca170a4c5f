#pragma once

#include "daemon/log.hpp"
#include "daemon/replica.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

// The workers of this service: spawns them, warms them, kills those that are silent or late, and spawns them
// again with back-off. What they compute is the dispatcher's.
class ReplicaSet {
public:
    struct Events {
        std::function<void(Replica&, RunningBatch, const ipc::BatchDone&, std::vector<std::byte>)> on_done;
        std::function<void(Replica&, RunningBatch, const ipc::BatchFailed&)> on_failed;
        std::function<void(Replica&, const ipc::Loaded&)> on_loaded;
        std::function<void(Replica&, RunningBatch, const ipc::Visited&)> on_visited;
        // Their worker is gone; `how` it ended.
        std::function<void(Replica&, std::vector<RunningBatch>, const std::string& how)> on_lost;
        std::function<void()> on_change; // after each message or end of a worker
    };

    ReplicaSet(boost::asio::any_io_executor, const EngineOptions&, const EngineEvents&, Events, Log&);

    void start(Clock::time_point now);
    void stop();
    void restart(Replica&, Clock::time_point now); // ended after its running batches, and spawned again
    void tick(Clock::time_point now);              // kills and respawns what is due
    [[nodiscard]] std::optional<Clock::time_point> due() const;
    [[nodiscard]] bool overdue(Clock::time_point now) const;

    [[nodiscard]] std::vector<std::unique_ptr<Replica>>& all() { return replicas_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Replica>>& all() const { return replicas_; }
    [[nodiscard]] std::uint64_t serving() const;
    [[nodiscard]] std::uint64_t lanes() const; // of those that serve
    [[nodiscard]] bool ever_served() const noexcept { return ever_served_; }
    [[nodiscard]] std::chrono::milliseconds proof_limit() const { return options_.pace.proof_limit; }
    [[nodiscard]] bool pinned(const Replica& replica) const { return !command(replica).cpus.empty(); }
    [[nodiscard]] const std::string& device(const Replica& replica) const { return command(replica).device; }
    [[nodiscard]] std::uint64_t generation() const { return options_.generation; }
    [[nodiscard]] const std::optional<ipc::ModelCard>& card() const { return card_; }

    void run(Replica&, Batch, bool probe, std::span<const std::span<const std::int32_t>> inputs,
             std::chrono::microseconds expected, Clock::time_point now);
    void visit(Replica&, Visit, std::uint64_t batches_before, Clock::time_point now);
    // It is warm, or needs not be: it takes batches from here on. True: the first that ever did.
    bool serve(Replica&, Clock::time_point now);
    // Its answers cannot be trusted any more; `why` is said to the operator.
    void condemn(Replica&, std::string_view why);

private:
    struct Life {
        std::unique_ptr<Worker> worker;
        std::optional<ipc::WorkerFailed> last_words;
        bool stop_sent = false;
    };

    void spawn(Replica&, Clock::time_point now);
    void dismiss(Replica&, Clock::time_point now); // once it is idle
    void on_message(Replica&, const ipc::WorkerMessage&, std::vector<std::byte>);
    void on_loaded(Replica&, const ipc::Loaded&);
    void on_end(Replica&, const WorkerEnd&);
    void tell_ended(); // once the last worker is gone after stop
    [[nodiscard]] std::optional<ExitCode> of_first_start(std::optional<int> exit_code) const;
    void count_failure(const Replica&, const std::string& how);
    void fatal(const Failure&);
    void tell_degraded(const std::string& why);
    Life& life(const Replica& replica) { return lives_[replica.id()]; }
    [[nodiscard]] const WorkerCommand& command(const Replica& replica) const
    {
        return options_.workers[replica.id()];
    }

    boost::asio::any_io_executor executor_;
    const EngineOptions& options_;
    const EngineEvents& tell_;
    Events events_;
    Log& log_;
    std::vector<std::unique_ptr<Replica>> replicas_;
    std::vector<Life> lives_; // after replicas_: workers go first
    std::optional<ipc::ModelCard> card_;
    std::uint32_t failures_in_a_row_ = 0; // while none serves
    bool ever_served_ = false, stopping_ = false, given_up_ = false, degraded_ = false;
};

} // namespace embedd::daemon
