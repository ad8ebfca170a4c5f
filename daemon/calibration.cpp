#include "daemon/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace embedd::daemon {

namespace {

constexpr double agreement = 0.05;
constexpr double near_best = 0.97;

std::uint64_t median(std::vector<std::uint64_t> times)
{
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    if (times.size() % 2 == 1)
        return *middle;
    return (*std::max_element(times.begin(), middle) + *middle) / 2;
}

double throughput(const RungCost& cost)
{
    return static_cast<double>(cost.rows) / static_cast<double>(std::max<std::uint64_t>(cost.device_us, 1));
}

} // namespace

void Rounds::add(std::span<const std::uint64_t> times)
{
    if (medians_.empty())
        first_ = times.front();
    previous_ = std::move(last_);
    last_.assign(times.begin(), times.end());
    medians_.push_back(median(last_));
}

bool Rounds::settled() const
{
    if (medians_.size() < 2)
        return false;
    const auto newest = static_cast<double>(medians_.back());
    const auto before = static_cast<double>(medians_[medians_.size() - 2]);
    return std::abs(newest - before) <= agreement * std::max(newest, before);
}

std::uint64_t Rounds::steady() const
{
    auto times = previous_;
    times.insert(times.end(), last_.begin(), last_.end());
    return median(std::move(times));
}

std::uint64_t interpolate(std::span<const RungCost> timed, std::uint64_t rows)
{
    const auto above = std::ranges::lower_bound(timed, rows, {}, &RungCost::rows);
    if (above == timed.begin())
        return above->device_us;
    if (above == timed.end()) {
        const auto& last = timed.back();
        return static_cast<std::uint64_t>(static_cast<double>(rows) / throughput(last));
    }
    const auto below = std::prev(above);
    const auto share =
        static_cast<double>(rows - below->rows) / static_cast<double>(above->rows - below->rows);
    const auto from = static_cast<double>(below->device_us);
    return static_cast<std::uint64_t>(from + share * (static_cast<double>(above->device_us) - from));
}

std::uint64_t token_budget(std::span<const RungCost> costs, const BudgetLimits& limits)
{
    if (limits.fixed_tokens > 0)
        return limits.fixed_tokens;
    const auto best = throughput(*std::ranges::max_element(costs, {}, throughput));
    const auto good =
        std::ranges::find_if(costs, [&](const auto& cost) { return throughput(cost) >= near_best * best; });
    const auto wanted = std::max(limits.longest_input, good->rows);

    auto budget = costs.front().rows;
    for (const auto& cost : costs) {
        if (limits.max_latency_us > 0 && cost.device_us > limits.max_latency_us)
            break;
        budget = cost.rows;
        if (budget >= wanted)
            break;
    }
    return budget;
}

std::string_view cold_cause(bool rows_were_warm, const ipc::BatchDone& batch,
                            std::optional<std::uint64_t> expected_us)
{
    if (!rows_were_warm)
        return "rung";
    if (batch.captured)
        return "capture";
    if (batch.allocated)
        return "alloc";
    constexpr std::uint64_t margin_us = 300; // short batches vary by more than half of themselves
    const bool dear = expected_us && batch.device_us > *expected_us + std::max(margin_us, *expected_us / 2);
    return dear && batch.page_faults > 0 ? "slow" : "";
}

} // namespace embedd::daemon
