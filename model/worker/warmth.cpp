#include "model/worker/warmth.hpp"

#include "model/worker/calibration.hpp"

#include <utility>

namespace embedd::model {

Warmth::Rung Warmth::rung_for(std::int64_t tokens) const
{
    constexpr std::int64_t step_beyond = 64;
    const std::scoped_lock lock(mutex_);
    Rung rung;
    rung.rows = tokens <= ladder_.longest() ? ladder_.rung_for(tokens)
                                            : (tokens + step_beyond - 1) / step_beyond * step_beyond;
    rung.warm = warm_.contains(rung.rows);
    if (!anchors_.empty())
        rung.expected_us = interpolate(anchors_, static_cast<std::uint64_t>(rung.rows));
    return rung;
}

std::vector<std::int64_t> Warmth::rungs() const
{
    const std::scoped_lock lock(mutex_);
    return {ladder_.rungs().begin(), ladder_.rungs().end()};
}

void Warmth::use(Ladder ladder)
{
    const std::scoped_lock lock(mutex_);
    ladder_ = std::move(ladder);
}

void Warmth::warmed(std::int64_t rung)
{
    const std::scoped_lock lock(mutex_);
    warm_.insert(rung);
}

void Warmth::calibrate(std::vector<ipc::RungCost> anchors)
{
    const std::scoped_lock lock(mutex_);
    anchors_ = std::move(anchors);
}

void Warmth::limit_batches(std::uint64_t tokens)
{
    const std::scoped_lock lock(mutex_);
    max_batch_tokens_ = tokens;
}

bool Warmth::calibrated() const
{
    const std::scoped_lock lock(mutex_);
    return !anchors_.empty();
}

std::uint64_t Warmth::max_batch_tokens() const
{
    const std::scoped_lock lock(mutex_);
    return max_batch_tokens_;
}

std::vector<ipc::RungCost> Warmth::costs() const
{
    const std::scoped_lock lock(mutex_);
    std::vector<ipc::RungCost> costs;
    for (const auto rung : warm_) {
        const auto rows = static_cast<std::uint64_t>(rung);
        costs.push_back({.rows = rows, .cpu_us = anchors_.empty() ? 0 : interpolate(anchors_, rows)});
    }
    return costs;
}

} // namespace embedd::model
