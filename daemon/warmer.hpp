#pragma once

#include "daemon/replica_set.hpp"
#include "daemon/warm_up_run.hpp"
#include "ipc/reply.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace embedd::daemon {

// A re-warm as it went, over all replicas that took part.
struct RewarmOutcome {
    std::string result = "done"; // done, cancelled, failed
    std::vector<std::uint64_t> replicas;
    std::vector<ipc::WarmUpCell> cells; // of several replicas the slowest
    std::uint64_t memory_before_bytes = 0, memory_after_bytes = 0;
};

// Which replica is being warmed and what its lanes should visit next: new workers before they serve, and
// replicas that serve one after another when a re-warm was asked for. Beside traffic it takes a tenth of
// the lanes' time at most.
class Warmer {
public:
    Warmer(const WarmUpOptions&, ReplicaSet&, const HostLoad&);

    void learn(const Shape&); // so many and no more

    // A worker is in memory: it is taken through the whole plan.
    void loaded(const Replica&, const ipc::Loaded&, std::optional<std::uint64_t> max_batch_tokens,
                Clock::time_point now);
    void ended(const Replica&); // so is its run

    [[nodiscard]] std::optional<Visit> next(const Replica&, Clock::time_point now);
    // What became of a visit that took so long; `traffic`: clients had batches meanwhile. True: the replica's
    // run is over, outcome() says how it went.
    bool visited(const Replica&, const Visit&, const ipc::Visited&, Clock::duration took, bool traffic,
                 Clock::time_point now);
    bool out_of_memory(const Replica&, const Visit&, Clock::time_point now);

    [[nodiscard]] bool warming() const { return !runs_.empty(); }
    [[nodiscard]] const WarmUpRun* run(const Replica&) const;
    // Ends the run of a replica and hands out what it measured.
    [[nodiscard]] WarmUpOutcome take(const Replica&);

    // The plan a re-warm of this request would follow; refused before a worker is in memory.
    [[nodiscard]] ipc::Result<WarmUpPlan> plan(const ipc::RewarmRequest&) const;
    [[nodiscard]] std::optional<std::uint64_t> plan_cells() const;
    // Refused while another one is under way. Neither function is called from within.
    [[nodiscard]] ipc::Result<RewarmId> rewarm(const ipc::RewarmRequest&, OnProgress, OnRewarmed,
                                               Clock::time_point now);
    bool cancel(RewarmId);
    [[nodiscard]] bool rewarming() const { return rewarm_.has_value(); }

    [[nodiscard]] std::optional<Clock::time_point> due(Clock::time_point now) const;

private:
    struct Rewarm {
        RewarmId id = 0;
        WarmUpPlan plan;
        OnProgress on_event;
        OnRewarmed done;
        std::vector<std::uint64_t> to_go; // replicas, the next one last
        RewarmOutcome outcome;
    };

    struct Numbered {
        std::uint64_t number = 0; // of what was asked for by an earlier run nothing is wanted
        WarmUpRun run;
    };

    WarmUpRun& begin(const Replica&, WarmUpOrder, Clock::time_point now);
    [[nodiscard]] WarmUpRun* run_of(const Replica&, const Visit&);
    [[nodiscard]] PlanFacts facts() const; // with what was learned since; once a worker is in memory
    bool came_back(const Replica&, Clock::time_point now);
    void next_replica(Clock::time_point now);
    void merge(const WarmUpOutcome&);
    void end_rewarm(std::string result);
    [[nodiscard]] bool under_rewarm(const Replica&) const;
    [[nodiscard]] Replica* find(std::uint64_t id) const;

    const WarmUpOptions& options_;
    ReplicaSet& replicas_;
    const HostLoad& host_;
    std::optional<PlanFacts> facts_; // of the model
    std::set<Shape> learned_;
    std::map<std::uint64_t, Numbered> runs_; // by replica
    std::uint64_t last_run_ = 0;
    std::optional<Rewarm> rewarm_;
    RewarmId last_rewarm_ = 0;
};

} // namespace embedd::daemon
