#include "daemon/warm_up_run.hpp"

#include <algorithm>
#include <utility>

namespace embedd::daemon {

double passes_of(const PlanCell& cell) noexcept
{
    constexpr double touch_share = 0.25; // one layer, and the primitives built
    if (!cell.timed)
        return touch_share;
    return cell.stage == WarmUpStage::lengths ? static_cast<double>(WarmUpRun::rounds_at_least) : 1;
}

WarmUpRun::WarmUpRun(WarmUpOrder order, Clock::time_point now)
    : order_(std::move(order)), deadline_(now + order_.budget), resident_(order_.memory_bytes)
{
    begin_touching();
    if (queue_.empty())
        advance(now);
}

std::optional<Visit> WarmUpRun::next(Clock::time_point now)
{
    if (rests_until_ && now < *rests_until_)
        return std::nullopt;
    rests_until_.reset();
    if (now >= deadline_ && step_ == Step::touch && !warm_.empty() && !queue_.empty()) {
        budget_spent_ = true;
        queue_.clear();
        if (running_ == 0)
            advance(now);
    }
    if (queue_.empty())
        return std::nullopt;
    auto visit = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    return visit;
}

void WarmUpRun::visited(const Visit& visit, const ipc::Visited& answer, Clock::time_point now)
{
    resident_ = std::max(resident_, answer.resident_bytes);
    if (step_ == Step::touch) {
        warm_.insert(visit.shape.rows);
    } else if (step_ == Step::memory) {
        memory_times_.insert(memory_times_.end(), answer.device_us.begin(), answer.device_us.end());
    } else if (const auto timed = std::ranges::find(timed_, visit.cell, &Timed::cell);
               timed != timed_.end()) { // else its rows turned out too large meanwhile
        timed->times.insert(timed->times.end(), answer.device_us.begin(), answer.device_us.end());
    }
    came_back(now);
}

void WarmUpRun::out_of_memory(const Visit& visit, Clock::time_point now)
{
    too_large_ = std::min(too_large_.value_or(visit.shape.rows), visit.shape.rows);
    std::erase_if(queue_, [this](const Visit& waiting) { return !fits(waiting.shape.rows); });
    std::erase_if(warm_, [this](std::uint64_t rows) { return !fits(rows); });
    std::erase_if(timed_, [this](const Timed& timed) { return !fits(order_.plan[timed.cell].shape.rows); });
    std::erase_if(anchors_, [this](const auto& anchor) { return !fits(anchor.first); });
    max_batch_tokens_ = std::min(max_batch_tokens_, largest_rows());
    resident_before_round_ = 0; // what is smaller now is tried in its place
    came_back(now);
}

void WarmUpRun::came_back(Clock::time_point now)
{
    --running_;
    ++done_;
    if (running_ == 0 && queue_.empty())
        advance(now);
}

void WarmUpRun::advance(Clock::time_point now)
{
    const bool late = now >= deadline_;
    if (step_ == Step::touch) {
        step_ = Step::time;
        for (std::size_t cell = 0; cell < order_.plan.size(); ++cell) {
            const auto& planned = order_.plan[cell];
            if (planned.stage == WarmUpStage::lengths && planned.timed && warm_.contains(planned.shape.rows))
                // Short passes vary more and cost less.
                timed_.push_back(
                    {.cell = cell, .passes = std::clamp<std::uint64_t>(64 / planned.shape.rows, 1, 4)});
        }
        if (begin_round())
            return;
    } else if (step_ == Step::time) {
        close_round();
        const bool enough = rounds_ >= rounds_at_least && (!order_.calibrates || late);
        budget_spent_ = budget_spent_ || (late && order_.calibrates);
        if (!enough && rounds_ < rounds_at_most && begin_round())
            return;
    }
    if (step_ == Step::time) {
        if (order_.calibrates)
            calibrate();
        else
            max_batch_tokens_ = std::min(order_.limits.fixed_tokens, largest_rows());
        step_ = Step::memory;
        resident_before_round_ = order_.memory_bytes;
    }
    if (step_ == Step::memory && begin_memory_round())
        return;
    step_ = Step::finished;
}

void WarmUpRun::begin_touching()
{
    for (std::size_t cell = 0; cell < order_.plan.size(); ++cell) {
        const auto& planned = order_.plan[cell];
        if (planned.stage == WarmUpStage::lengths && !planned.timed)
            add(cell, planned.shape.rows, 0);
    }
}

bool WarmUpRun::begin_round()
{
    std::vector<const Timed*> open;
    for (const auto& timed : timed_)
        if (!settled(timed))
            open.push_back(&timed);
    // Each lane begins elsewhere, so that neighbours run different shapes, as clients' batches are.
    for (std::size_t turn = 0; turn < open.size(); ++turn)
        for (std::uint64_t lane = 0; lane < order_.lanes; ++lane) {
            const auto& timed = *open[(turn + lane * open.size() / order_.lanes) % open.size()];
            add(timed.cell, order_.plan[timed.cell].shape.rows, timed.passes);
        }
    return !open.empty();
}

void WarmUpRun::close_round()
{
    ++rounds_;
    for (auto& timed : timed_)
        if (!timed.times.empty())
            timed.rounds.add(std::exchange(timed.times, {}));
}

bool WarmUpRun::begin_memory_round()
{
    constexpr std::size_t most = 6;
    constexpr std::uint64_t growth_percent = 101;
    const bool grows = resident_ * 100 > resident_before_round_ * growth_percent;
    if (memory_rounds_ >= most || (memory_rounds_ > 0 && !grows))
        return false;
    const auto cell = std::ranges::find(order_.plan, WarmUpStage::memory, &PlanCell::stage);
    if (cell == order_.plan.end() || warm_.empty())
        return false;
    ++memory_rounds_;
    resident_before_round_ = resident_;
    for (std::uint64_t lane = 0; lane < order_.lanes; ++lane)
        add(static_cast<std::size_t>(cell - order_.plan.begin()), max_batch_tokens_, 1);
    return true;
}

void WarmUpRun::calibrate()
{
    // Of an anchor's compositions the dearer one, so that no composition of a warm batch looks cold.
    for (const auto& timed : timed_) {
        if (timed.rounds.count() == 0)
            continue;
        const auto rows = order_.plan[timed.cell].shape.rows;
        auto& anchor = anchors_.try_emplace(rows, RungCost{.rows = rows}).first->second;
        anchor.device_us = std::max(anchor.device_us, timed.rounds.steady());
    }
    const auto costs = outcome().rungs;
    if (!costs.empty())
        max_batch_tokens_ = std::min(token_budget(costs, order_.limits), largest_rows());
}

void WarmUpRun::add(std::size_t cell, std::uint64_t rows, std::uint64_t passes)
{
    const auto& planned = order_.plan[cell];
    if (!fits(rows))
        return;
    queue_.push_back({.cell = cell,
                      .shape = {.task = planned.shape.task,
                                .rows = rows,
                                .length = std::min(planned.shape.length, rows),
                                .uneven = planned.uneven,
                                .passes = passes}});
}

// Only the dearest composition of a row count is expected of its batches: one that is clearly cheaper may
// vary as it likes.
bool WarmUpRun::settled(const Timed& shape) const
{
    constexpr std::uint64_t clearly_percent = 110;
    if (shape.rounds.settled())
        return true;
    const auto rows = order_.plan[shape.cell].shape.rows;
    return shape.rounds.count() >= rounds_at_least && std::ranges::any_of(timed_, [&](const Timed& other) {
               return order_.plan[other.cell].shape.rows == rows && other.rounds.count() >= rounds_at_least &&
                      shape.rounds.steady() * clearly_percent < other.rounds.steady() * 100;
           });
}

std::uint64_t WarmUpRun::largest_rows() const
{
    return warm_.empty() ? 0 : *warm_.rbegin();
}

std::optional<Clock::time_point> WarmUpRun::due(Clock::time_point now) const
{
    return queue_.empty() || rests_until_ <= now ? std::nullopt : rests_until_;
}

WarmUpStage WarmUpRun::stage() const
{
    return step_ == Step::memory || step_ == Step::finished ? WarmUpStage::memory : WarmUpStage::lengths;
}

std::uint64_t WarmUpRun::total() const
{
    std::uint64_t least = 0;
    for (const auto& cell : order_.plan) {
        if (cell.stage == WarmUpStage::lengths)
            least += cell.timed ? rounds_at_least * order_.lanes : 1;
        else if (cell.stage == WarmUpStage::memory)
            least += order_.lanes;
    }
    return finished() ? done_ : std::max(least, done_ + queue_.size() + running_);
}

WarmUpOutcome WarmUpRun::outcome() const
{
    WarmUpOutcome outcome{.max_batch_tokens = max_batch_tokens_,
                          .budget_spent = budget_spent_,
                          .out_of_memory_rows = too_large_,
                          .memory_before_bytes = order_.memory_bytes,
                          .memory_after_bytes = resident_};
    std::vector<RungCost> anchors;
    for (const auto& [rows, cost] : anchors_)
        anchors.push_back(cost);
    for (const auto rows : warm_)
        outcome.rungs.push_back(
            {.rows = rows, .device_us = anchors.empty() ? 0 : interpolate(anchors, rows)});
    for (const auto& timed : timed_) {
        const auto& cell = order_.plan[timed.cell];
        if (timed.rounds.count() == 0)
            continue;
        outcome.stable = outcome.stable && (settled(timed) || !order_.calibrates);
        outcome.cells.push_back({.stage = std::string(to_string(cell.stage)),
                                 .task = cell.shape.task,
                                 .rows = cell.shape.rows,
                                 .length = cell.shape.length,
                                 .rounds = timed.rounds.count(),
                                 .concurrency = order_.lanes,
                                 .first_us = timed.rounds.first(),
                                 .steady_us = timed.rounds.steady()});
    }
    if (!memory_times_.empty())
        outcome.cells.push_back({.stage = std::string(to_string(WarmUpStage::memory)),
                                 .task = order_.plan.front().shape.task,
                                 .rows = max_batch_tokens_,
                                 .length = std::min(max_batch_tokens_, order_.limits.longest_input),
                                 .rounds = memory_rounds_,
                                 .concurrency = order_.lanes,
                                 .first_us = memory_times_.front(),
                                 .steady_us = memory_times_.back()});
    return outcome;
}

} // namespace embedd::daemon
