#include "daemon/job_table.hpp"

#include <algorithm>

namespace embedd::daemon {

JobId JobTable::add(Job job, Done done, Clock::time_point now)
{
    const auto missing = job.inputs.size();
    jobs_.emplace(next_, Entry{.inputs = std::move(job.inputs),
                               .done = std::move(done),
                               .submitted = now,
                               .missing = missing});
    return next_++;
}

std::span<const std::int32_t> JobTable::ids(const Part& part) const
{
    return jobs_.at(part.job).inputs[part.input];
}

std::vector<JobId> JobTable::all() const
{
    std::vector<JobId> ids;
    for (const auto& [id, job] : jobs_)
        ids.push_back(id);
    return ids;
}

void JobTable::sent(JobId id, Clock::time_point now)
{
    auto& job = jobs_.at(id);
    if (job.sent)
        return;
    job.sent = now;
    job.result.queued = std::chrono::duration_cast<std::chrono::microseconds>(now - job.submitted);
}

void JobTable::computed(JobId id, std::chrono::microseconds forward, bool cold)
{
    auto& result = jobs_.at(id).result;
    result.forward += forward;
    result.cold = result.cold || cold;
}

bool JobTable::store(const Part& part, std::span<const float> row)
{
    auto& job = jobs_.at(part.job);
    if (job.result.rows.empty()) {
        job.result.dims = row.size();
        job.result.rows.resize(job.inputs.size() * row.size());
    }
    std::ranges::copy(row, job.result.rows.begin() + static_cast<std::ptrdiff_t>(part.input * row.size()));
    return --job.missing == 0;
}

JobTable::Finished JobTable::take(JobId id)
{
    auto entry = std::move(jobs_.extract(id).mapped());
    return {std::move(entry.result), std::move(entry.done)};
}

} // namespace embedd::daemon
