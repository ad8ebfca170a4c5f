#pragma once

#include "daemon/calibration.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/warm_up_plan.hpp"
#include "ipc/status.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace embedd::daemon {

struct WarmUpOrder {
    WarmUpPlan plan; // of which the worker's cells are visited
    std::uint64_t lanes = 1;
    std::chrono::microseconds budget{}; // of time, after which nothing new is begun
    // In quiet, with all lanes at once: shapes are timed until they settle, and the batch's token budget is
    // measured. Beside traffic each is timed twice and nothing is calibrated.
    bool calibrates = true;
    BudgetLimits limits;
    std::uint64_t memory_bytes = 0; // resident before it began
};

struct WarmUpOutcome {
    std::uint64_t max_batch_tokens = 0;
    std::vector<RungCost> rungs;        // every warm one, ascending; without calibration there is no cost
    std::vector<ipc::WarmUpCell> cells; // those that were timed
    bool stable = true;
    bool budget_spent = false;
    std::optional<std::uint64_t> out_of_memory_rows; // the smallest that did not fit
    std::uint64_t memory_before_bytes = 0, memory_after_bytes = 0;
};

// Of how many whole passes a cell's visits in one lane are worth, as far as is known beforehand: an estimate.
[[nodiscard]] double passes_of(const PlanCell&) noexcept;

// One visit of one cell of a run's plan.
struct Visit {
    std::size_t cell = 0;
    ipc::VisitShape shape;
    std::uint64_t run = 0; // which run of a replica it is of: its owner's to set
};

// Takes one replica through the worker's cells of a plan: rungs touched, anchors timed in rounds until two
// medians in succession agree within 5 %, the largest batch until the memory held stops growing. A value
// driven by events that carry their time: it sends nothing and knows no clock of its own.
class WarmUpRun {
public:
    static constexpr std::size_t rounds_at_least = 2;
    static constexpr std::size_t rounds_at_most = 12;

    WarmUpRun(WarmUpOrder, Clock::time_point now);

    // What a free lane should visit now. Nothing: everything is under way, or it rests.
    [[nodiscard]] std::optional<Visit> next(Clock::time_point now);
    void visited(const Visit&, const ipc::Visited&, Clock::time_point now);
    // Larger batches than fit are left out from here on, and the token budget stays below them.
    void out_of_memory(const Visit&, Clock::time_point now);

    // Leaves the lanes to others until then.
    void rest_until(Clock::time_point until) { rests_until_ = until; }
    // When its rest ends, unless it did: then it goes on as soon as a lane is free.
    [[nodiscard]] std::optional<Clock::time_point> due(Clock::time_point now) const;

    [[nodiscard]] bool finished() const { return step_ == Step::finished; }
    [[nodiscard]] WarmUpStage stage() const;
    [[nodiscard]] std::uint64_t done() const { return done_; }
    [[nodiscard]] std::uint64_t total() const; // of visits: an estimate until shapes have settled
    [[nodiscard]] WarmUpOutcome outcome() const;

private:
    enum class Step : std::uint8_t { touch, time, memory, finished };
    struct Timed {
        std::size_t cell = 0;
        std::uint64_t passes = 1;
        Rounds rounds;
        std::vector<std::uint64_t> times; // of the round under way
    };

    void came_back(Clock::time_point now);
    void advance(Clock::time_point now);
    void begin_touching();
    bool begin_round(); // false: every shape settled
    void close_round();
    bool begin_memory_round();
    void calibrate();
    void add(std::size_t cell, std::uint64_t rows, std::uint64_t passes);
    [[nodiscard]] bool fits(std::uint64_t rows) const { return !too_large_ || rows < *too_large_; }
    [[nodiscard]] bool settled(const Timed&) const;
    [[nodiscard]] std::uint64_t largest_rows() const;

    WarmUpOrder order_;
    Clock::time_point deadline_;
    Step step_ = Step::touch;
    std::deque<Visit> queue_;
    std::size_t running_ = 0, rounds_ = 0, memory_rounds_ = 0;
    std::vector<Timed> timed_;
    std::set<std::uint64_t> warm_;
    std::map<std::uint64_t, RungCost> anchors_; // by rows
    std::uint64_t max_batch_tokens_ = 0, done_ = 0;
    std::uint64_t resident_ = 0, resident_before_round_ = 0;
    std::vector<std::uint64_t> memory_times_;
    std::optional<std::uint64_t> too_large_;
    std::optional<Clock::time_point> rests_until_;
    bool budget_spent_ = false;
};

} // namespace embedd::daemon
