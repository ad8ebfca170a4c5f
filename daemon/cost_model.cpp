#include "daemon/cost_model.hpp"

#include <algorithm>

namespace embedd::daemon {

namespace {

constexpr double unmeasured_us_per_token = 150;

// Past the ladder, where attention grows faster than the rows: a round figure on the safe side is enough.
constexpr double growth_past_ladder = 1.5;

} // namespace

CostModel::CostModel(std::vector<RungCost> rungs) : rungs_(std::move(rungs))
{
    std::ranges::sort(rungs_, {}, &RungCost::rows);
    std::erase_if(rungs_, [](const auto& rung) { return rung.rows == 0; });
    std::uint64_t least = 1;
    for (auto& rung : rungs_)
        least = rung.device_us = std::max(rung.device_us, least);
}

std::uint64_t CostModel::rung(std::uint64_t tokens) const
{
    const auto found = std::ranges::lower_bound(rungs_, tokens, {}, &RungCost::rows);
    return found == rungs_.end() ? tokens : found->rows;
}

double CostModel::microseconds(std::uint64_t tokens) const
{
    if (rungs_.empty())
        return static_cast<double>(tokens) * unmeasured_us_per_token;
    const auto found = std::ranges::lower_bound(rungs_, tokens, {}, &RungCost::rows);
    if (found != rungs_.end())
        return static_cast<double>(found->device_us);
    const auto& last = rungs_.back();
    return static_cast<double>(last.device_us) * growth_past_ladder * static_cast<double>(tokens) /
           static_cast<double>(last.rows);
}

} // namespace embedd::daemon
