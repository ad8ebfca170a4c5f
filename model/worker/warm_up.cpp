#include "model/worker/warm_up.hpp"

#include "model/worker/calibration.hpp"
#include "model/worker/plan.hpp"
#include "model/worker/resident.hpp"
#include "model/worker/thread_use.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

namespace embedd::model {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t rounds_at_least = 2;

// One anchor in one composition.
struct Shape {
    std::int64_t rows = 0;
    std::int64_t longest = 0;
    DummyBatch batch;
    std::size_t passes = 1; // of a lane in a round: short ones vary more and cost less
    Rounds rounds;
};

std::vector<Shape> shapes_at(std::span<const std::int64_t> anchors, const WarmUpPlan& plan)
{
    constexpr std::int64_t shortest_of_many = 16;
    constexpr std::int64_t rows_of_a_round = 64;
    std::vector<Shape> shapes;
    for (const auto rows : anchors) {
        const auto passes = static_cast<std::size_t>(std::clamp<std::int64_t>(rows_of_a_round / rows, 1, 4));
        const auto longest = std::min(rows, plan.longest_input);
        shapes.push_back({rows, longest, long_inputs(rows, longest, plan.vocabulary), passes, {}});
        if (rows > shortest_of_many)
            shapes.push_back({rows, shortest_of_many, short_inputs(rows, plan.vocabulary), passes, {}});
    }
    return shapes;
}

class Run {
public:
    Run(const Network& network, Warmth& warmth, const WarmUpPlan& plan, Crew& crew,
        const WarmUpProgress& progress)
        : network_(network), warmth_(warmth), plan_(plan), crew_(crew), progress_(progress),
          deadline_(Clock::now() + plan.request.budget)
    {
    }

    ipc::Warmed all()
    {
        ipc::Warmed report;
        report.memory_before_bytes = resident_bytes();
        touch_rungs();
        time_anchors();
        if (plan_.calibration == Calibration::replace)
            calibrate();
        report.max_batch_tokens = warmth_.max_batch_tokens();
        report.rungs = warmth_.costs();
        report.plan_cells = rungs_.size();
        for (const auto& shape : shapes_)
            report.cells.push_back({.task = "embed",
                                    .rows = static_cast<std::uint64_t>(shape.rows),
                                    .length = static_cast<std::uint64_t>(shape.longest),
                                    .rounds = shape.rounds.count(),
                                    .first_us = shape.rounds.first(),
                                    .control_us = {},
                                    .steady_us = shape.rounds.steady()});
        report.memory_after_bytes = resident_bytes();
        return report;
    }

private:
    // Primitives belong to the process, so each rung is touched by whichever lane comes to it.
    void touch_rungs()
    {
        rungs_ = warmth_.rungs();
        shapes_ = shapes_at(anchors_of(rungs_), plan_);
        std::atomic<std::size_t> next = 0;
        crew_.run([&](std::size_t lane) {
            for (auto rung = next++; rung < rungs_.size() && (rung == 0 || !late()); rung = next++) {
                network_.touch(rungs_[rung]);
                warmth_.warmed(rungs_[rung]);
                step_done(lane, rungs_[rung]);
            }
        });
        std::erase_if(shapes_, [this](const Shape& shape) { return !warmth_.rung_for(shape.rows).warm; });
    }

    void time_anchors()
    {
        const bool once_more = plan_.calibration == Calibration::replace;
        for (std::size_t round = 0; round < rounds_at_least || (once_more && !settled()); ++round) {
            if (round > 0 && late())
                break;
            time_round();
        }
    }

    void time_round()
    {
        std::vector<std::vector<std::vector<std::uint64_t>>> times(
            crew_.lanes(), std::vector<std::vector<std::uint64_t>>(shapes_.size()));
        crew_.run([&](std::size_t lane) {
            // Each lane begins elsewhere, so that neighbours run different shapes, as clients' batches are.
            const auto first = lane * shapes_.size() / crew_.lanes();
            for (std::size_t turn = 0; turn < shapes_.size(); ++turn) {
                const auto index = (first + turn) % shapes_.size();
                const auto& shape = shapes_[index];
                if (settled(shape))
                    continue;
                for (std::size_t pass = 0; pass < shape.passes; ++pass)
                    times[lane][index].push_back(time_pass(shape));
                step_done(lane, shape.rows);
            }
        });
        for (std::size_t index = 0; index < shapes_.size(); ++index) {
            std::vector<std::uint64_t> round;
            for (const auto& lane : times)
                round.insert(round.end(), lane[index].begin(), lane[index].end());
            if (!round.empty())
                shapes_[index].rounds.add(round);
        }
    }

    std::uint64_t time_pass(const Shape& shape) const
    {
        const PackedBatch batch{.ids = shape.batch.ids, .offsets = shape.batch.offsets, .type_ids = {}};
        const auto inputs = static_cast<std::int64_t>(shape.batch.offsets.size()) - 1;
        std::vector<float> out(static_cast<std::size_t>(inputs * network_.dimensions()));
        const auto before = thread_use();
        if (const auto done = network_.forward(batch, shape.rows, out); !done)
            throw std::runtime_error("warm-up: " + done.error().detail);
        return (thread_use() - before).cpu_us;
    }

    void calibrate()
    {
        // Of an anchor's compositions the dearer one, so that no composition of a warm batch looks cold.
        std::vector<ipc::RungCost> anchors;
        for (const auto& shape : shapes_) {
            const ipc::RungCost cost{.rows = static_cast<std::uint64_t>(shape.rows),
                                     .cpu_us = shape.rounds.steady()};
            if (!anchors.empty() && anchors.back().rows == cost.rows)
                anchors.back().cpu_us = std::max(anchors.back().cpu_us, cost.cpu_us);
            else
                anchors.push_back(cost);
        }
        warmth_.calibrate(std::move(anchors));
        const auto budget = token_budget(
            warmth_.costs(),
            {.longest_input = static_cast<std::uint64_t>(plan_.longest_input),
             .max_latency_us = static_cast<std::uint64_t>(plan_.request.max_batch_latency.count()),
             .fixed_tokens = plan_.request.max_batch_tokens});
        warmth_.limit_batches(budget);
    }

    void step_done(std::size_t lane, std::int64_t rows)
    {
        const auto done = ++steps_;
        if (lane != 0)
            return;
        const auto expected = rungs_.size() + shapes_.size() * rounds_at_least * crew_.lanes();
        progress_(done, std::max<std::uint64_t>(expected, done), rows);
        crew_.give_way();
    }

    [[nodiscard]] bool settled() const
    {
        return std::ranges::all_of(shapes_, [this](const Shape& shape) { return settled(shape); });
    }

    // Only the dearest composition of a row count is expected of its batches: one that is clearly cheaper may
    // vary as it likes.
    [[nodiscard]] bool settled(const Shape& shape) const
    {
        constexpr std::uint64_t clearly_percent = 110;
        const auto cheaper_than = [&](const Shape& other) {
            return other.rows == shape.rows && other.rounds.count() >= rounds_at_least &&
                   shape.rounds.steady() * clearly_percent < other.rounds.steady() * 100;
        };
        return shape.rounds.settled() ||
               (shape.rounds.count() >= rounds_at_least && std::ranges::any_of(shapes_, cheaper_than));
    }

    [[nodiscard]] bool late() const { return Clock::now() >= deadline_; }

    const Network& network_;
    Warmth& warmth_;
    const WarmUpPlan& plan_;
    Crew& crew_;
    const WarmUpProgress& progress_;
    Clock::time_point deadline_;
    std::vector<std::int64_t> rungs_;
    std::vector<Shape> shapes_;
    std::atomic<std::uint64_t> steps_ = 0;
};

} // namespace

ipc::Warmed warm_up(const Network& network, Warmth& warmth, const WarmUpPlan& plan, Crew& crew,
                    const WarmUpProgress& progress)
{
    return Run(network, warmth, plan, crew, progress).all();
}

} // namespace embedd::model
