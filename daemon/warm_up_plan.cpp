#include "daemon/warm_up_plan.hpp"

#include <algorithm>
#include <cmath>

namespace embedd::daemon {

namespace {

constexpr std::uint64_t short_length = 16; // of the many short inputs a batch may hold
constexpr std::uint64_t client_length = 32;

std::uint64_t rung_of(const std::vector<std::uint64_t>& rungs, std::uint64_t rows)
{
    const auto found = std::ranges::lower_bound(rungs, rows);
    return found == rungs.end() ? rungs.back() : *found;
}

PlanCell timed(const std::string& task, std::uint64_t rows, std::uint64_t length, PlanReason reason)
{
    PlanCell cell;
    cell.shape = {task, rows, length};
    cell.timed = true;
    cell.reason = reason;
    return cell;
}

void add_lengths(WarmUpPlan& plan, const PlanFacts& facts, const std::string& task)
{
    for (const auto rows : facts.rungs) {
        PlanCell touch;
        touch.shape = {task, rows, std::min(rows, facts.longest_input)};
        plan.push_back(touch);
    }
    for (const auto rows : anchors_of(facts.rungs)) {
        auto cell = timed(task, rows, std::min(rows, facts.longest_input), PlanReason::anchor);
        cell.concurrency = facts.lanes;
        plan.push_back(cell);
        if (rows <= short_length || facts.longest_input < short_length)
            continue;
        cell.shape.length = short_length;
        cell.uneven = true;
        plan.push_back(cell);
    }
    for (const auto& shape : facts.learned) {
        // Rungs of another model or version of the ladder are no shapes of this one.
        const bool known =
            std::ranges::binary_search(facts.rungs, shape.rows) && shape.length <= facts.longest_input;
        if (shape.task == task && known && shape.length > 0)
            plan.push_back(timed(task, shape.rows, shape.length, PlanReason::learned));
    }
}

} // namespace

std::string_view to_string(WarmUpStage stage) noexcept
{
    switch (stage) {
    case WarmUpStage::lengths:
        return "lengths";
    case WarmUpStage::memory:
        return "memory";
    case WarmUpStage::concurrency:
        return "concurrency";
    case WarmUpStage::verify:
        return "verify";
    }
    return "";
}

std::string_view to_string(PlanReason reason) noexcept
{
    switch (reason) {
    case PlanReason::ladder:
        return "ladder";
    case PlanReason::anchor:
        return "anchor";
    case PlanReason::learned:
        return "learned";
    case PlanReason::asked:
        return "asked";
    }
    return "";
}

WarmUpPlan plan_warm_up(const PlanFacts& facts)
{
    WarmUpPlan plan;
    for (const auto& task : facts.tasks)
        add_lengths(plan, facts, task);
    for (const auto& task : facts.tasks) {
        PlanCell largest;
        largest.stage = WarmUpStage::memory;
        largest.shape = {task, facts.rungs.back(), std::min(facts.rungs.back(), facts.longest_input)};
        largest.timed = true;
        largest.concurrency = facts.lanes;
        plan.push_back(largest);
    }
    for (const auto& task : facts.tasks) {
        for (std::uint64_t clients = 1; clients <= 4 * facts.lanes; clients *= 2) {
            PlanCell cell;
            cell.stage = WarmUpStage::concurrency;
            const auto length = std::min(client_length, facts.longest_input);
            cell.shape = {task, rung_of(facts.rungs, length), length};
            cell.concurrency = clients;
            plan.push_back(cell);
        }
    }
    return plan;
}

ipc::Result<WarmUpPlan> plan_rewarm(const PlanFacts& facts, const ipc::RewarmRequest& request)
{
    auto asked = facts;
    if (request.task) {
        if (std::ranges::find(facts.tasks, *request.task) == facts.tasks.end())
            return ipc::Error{ipc::ErrorType::unsupported,
                              "the model does not serve the task that was asked for; `info` lists its tasks",
                              {}};
        asked.tasks = {*request.task};
    }
    WarmUpPlan plan;
    if (request.lengths.empty()) {
        for (const auto& task : asked.tasks)
            add_lengths(plan, asked, task);
        return plan;
    }
    for (const auto length : request.lengths) {
        if (length > facts.longest_input)
            return ipc::Error{ipc::ErrorType::bad_request,
                              "length " + std::to_string(length) +
                                  " is beyond the model's longest input of " +
                                  std::to_string(facts.longest_input) + " tokens",
                              {}};
        for (const auto& task : asked.tasks) {
            PlanCell touch;
            touch.shape = {task, rung_of(facts.rungs, length), length};
            touch.reason = PlanReason::asked;
            plan.push_back(touch);
            plan.push_back(timed(task, touch.shape.rows, length, PlanReason::asked));
        }
    }
    return plan;
}

bool visited_by_worker(const PlanCell& cell) noexcept
{
    return cell.stage == WarmUpStage::lengths || cell.stage == WarmUpStage::memory;
}

std::vector<std::uint64_t> anchors_of(const std::vector<std::uint64_t>& rungs)
{
    constexpr int count = 8;
    const auto first = static_cast<double>(rungs.front());
    const auto ratio = static_cast<double>(rungs.back()) / first;
    std::vector<std::uint64_t> anchors;
    for (int step = 0; step < count; ++step)
        anchors.push_back(rung_of(
            rungs, static_cast<std::uint64_t>(std::llround(first * std::pow(ratio, step / (count - 1.0))))));
    anchors.erase(std::ranges::unique(anchors).begin(), anchors.end());
    return anchors;
}

} // namespace embedd::daemon
