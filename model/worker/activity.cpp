#include "model/worker/activity.hpp"

#include <utility>

namespace embedd::model {

Activity::Running::Running(Activity& activity, std::uint64_t batch) : activity_(activity), batch_(batch)
{
    const std::scoped_lock lock(activity_.mutex_);
    activity_.running_.emplace(batch_, Clock::now());
}

Activity::Running::~Running()
{
    const std::scoped_lock lock(activity_.mutex_);
    activity_.running_.erase(batch_);
    if (activity_.running_.empty())
        activity_.idle_.notify_all();
}

void Activity::enter(std::string step)
{
    const std::scoped_lock lock(mutex_);
    step_ = std::move(step);
}

std::string Activity::step() const
{
    const std::scoped_lock lock(mutex_);
    return step_;
}

std::vector<ipc::RunningBatch> Activity::running() const
{
    const std::scoped_lock lock(mutex_);
    std::vector<ipc::RunningBatch> batches;
    for (const auto& [batch, since] : running_) {
        const auto lasted = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - since);
        batches.push_back({.batch = batch, .running_us = static_cast<std::uint64_t>(lasted.count())});
    }
    return batches;
}

void Activity::wait_until_idle()
{
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return running_.empty(); });
}

} // namespace embedd::model
