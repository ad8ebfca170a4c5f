#include "daemon/scheduler.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace embedd::daemon {

namespace {

// A turn is a sixteenth of a batch: short work of others gets into the next one.
constexpr std::uint64_t turns_a_batch = 16;

// Of the device's time while interactive work waits too.
constexpr double batch_share = 1.0 / 8;

constexpr std::size_t looked_at_to_fill = 96;

} // namespace

Scheduler::Scheduler(std::uint64_t capacity_tokens)
    : capacity_tokens_(capacity_tokens), interactive_([this](const Part& part) { return price(part); },
                                                      [this](JobId job) { return !jobs_.contains(job); }),
      batch_([this](const Part& part) { return price(part); },
             [this](JobId job) { return !jobs_.contains(job); })
{
    calibrate({}, batch_tokens_);
}

void Scheduler::calibrate(CostModel cost, std::uint64_t batch_tokens)
{
    cost_ = std::move(cost);
    batch_tokens_ = std::max<std::uint64_t>(batch_tokens, 1);
    worth_.resize(batch_tokens_ + 1);
    for (std::uint64_t tokens = 0; tokens <= batch_tokens_; ++tokens)
        worth_[tokens] = static_cast<double>(tokens) / cost_.microseconds(std::max<std::uint64_t>(tokens, 1));
    const Part turn{
        .tokens = static_cast<std::uint32_t>(std::max<std::uint64_t>(batch_tokens_ / turns_a_batch, 1))};
    interactive_.set_quantum(price(turn));
    batch_.set_quantum(price(turn));
}

void Scheduler::lower_batch_tokens(std::uint64_t to)
{
    if (to < batch_tokens_)
        calibrate(std::move(cost_), to);
}

// Within a batch a part costs its share of a full one; longer than a batch, it runs alone.
double Scheduler::price(const Part& part) const
{
    if (part.tokens > batch_tokens_)
        return cost_.microseconds(part.tokens);
    return static_cast<double>(part.tokens) / worth_.back();
}

FairQueue& Scheduler::queue(ipc::Priority priority)
{
    return priority == ipc::Priority::interactive ? interactive_ : batch_;
}

ipc::Result<void> Scheduler::push(const QueuedJob& job, Clock::time_point now, std::uint64_t lanes)
{
    std::uint64_t tokens = 0;
    for (const auto length : job.lengths)
        tokens += length;
    if (tokens > capacity_tokens_)
        return ipc::Error{ipc::ErrorType::too_large,
                          "the request has " + std::to_string(tokens) + " tokens, the queue holds " +
                              std::to_string(capacity_tokens_) + ": send it in parts",
                          std::nullopt};
    if (waiting_tokens_ + tokens > capacity_tokens_) {
        const auto wait = pace_.time_for(waiting_tokens_ + tokens - capacity_tokens_, lanes);
        return ipc::Error{ipc::ErrorType::overloaded,
                          "the queue is full: " + std::to_string(waiting_tokens_) + " of " +
                              std::to_string(capacity_tokens_) + " tokens wait",
                          static_cast<std::uint64_t>(wait.count())};
    }

    jobs_[job.id] = {.owner = job.owner, .priority = job.priority, .deadline = job.deadline, .since = now};
    for (std::uint32_t input = 0; input < job.lengths.size(); ++input) {
        const Part part{.job = job.id, .input = input, .tokens = job.lengths[input]};
        waits(part);
        queue(job.priority).push_back(job.owner, part);
    }
    return {};
}

void Scheduler::waits(const Part& part)
{
    auto& job = jobs_.at(part.job);
    if (job.parts == 0) {
        ++waiting_jobs_;
        if (job.deadline)
            deadlines_.emplace(*job.deadline, part.job);
    }
    ++job.parts;
    job.tokens += part.tokens;
    waiting_tokens_ += part.tokens;
}

Part Scheduler::leaves(const Part& part)
{
    auto& job = jobs_.at(part.job);
    --job.parts;
    job.tokens -= part.tokens;
    waiting_tokens_ -= part.tokens;
    if (job.parts == 0) {
        --waiting_jobs_;
        if (job.deadline)
            deadlines_.erase({*job.deadline, part.job});
    }
    return part;
}

void Scheduler::forget(JobId id)
{
    const auto found = jobs_.find(id);
    if (found == jobs_.end())
        return;
    const Entry job = found->second;
    jobs_.erase(found);
    if (job.parts == 0)
        return;
    --waiting_jobs_;
    waiting_tokens_ -= job.tokens;
    if (job.deadline)
        deadlines_.erase({*job.deadline, id});
    const auto gone = [this](const Part& part) { return !jobs_.contains(part.job); };
    for (auto* retries : {&retries_, &suspects_}) {
        for (auto& batch : *retries)
            std::erase_if(batch.parts, gone);
        std::erase_if(*retries, [](const Batch& batch) { return batch.parts.empty(); });
    }
    queue(job.priority).forget(job.owner, job.parts);
}

std::vector<JobId> Scheduler::expired(Clock::time_point now)
{
    std::vector<JobId> ids;
    for (const auto& [deadline, id] : deadlines_) {
        if (deadline > now)
            break;
        ids.push_back(id);
    }
    return ids;
}

std::optional<Clock::time_point> Scheduler::next_deadline() const
{
    return deadlines_.empty() ? std::nullopt : std::optional(deadlines_.begin()->first);
}

std::optional<ipc::Priority> Scheduler::next_priority()
{
    const Part* batch = batch_.front();
    const bool interactive = interactive_.front() != nullptr;
    if (!batch) {
        owed_to_batch_ = 0;
        return interactive ? std::optional(ipc::Priority::interactive) : std::nullopt;
    }
    return interactive && owed_to_batch_ < price(*batch) ? ipc::Priority::interactive : ipc::Priority::batch;
}

// While both wait, what one class gets is set against the other's share.
void Scheduler::settle(ipc::Priority priority, const Part& part)
{
    if (!interactive_.front() || !batch_.front())
        return;
    if (priority == ipc::Priority::interactive)
        owed_to_batch_ += price(part) * batch_share / (1 - batch_share);
    else
        owed_to_batch_ -= price(part);
}

void Scheduler::add(Batch& batch, const Part& part)
{
    batch.parts.push_back(leaves(part));
    batch.tokens += part.tokens;
}

std::optional<Batch> Scheduler::next_batch()
{
    if (auto again = next_retry(retries_))
        return again;

    Batch batch;
    bool more = false;
    while (const auto priority = next_priority()) {
        auto& from = queue(*priority);
        const Part head = *from.front();
        if (!batch.parts.empty() && batch.tokens + head.tokens > batch_tokens_) {
            more = true;
            break;
        }
        settle(*priority, head);
        add(batch, from.take_front());
    }
    if (batch.parts.empty())
        return std::nullopt;
    if (more && batch.tokens < batch_tokens_)
        fit_to_rung(batch);
    std::ranges::stable_sort(batch.parts, {}, &Part::tokens);
    return batch;
}

// More waits than fits: up to two parts that would come later, in place of the last one or besides it, may
// use the rung better. The last one then opens the next batch, so that it is passed over only once.
void Scheduler::fit_to_rung(Batch& batch)
{
    auto upcoming = interactive_.upcoming(looked_at_to_fill);
    for (const auto& part : batch_.upcoming(looked_at_to_fill / 2))
        upcoming.push_back(part);

    struct Choice {
        bool keep_last = true;
        std::size_t chosen = 0;
        std::array<std::size_t, 2> parts{};
    };
    Choice best;
    std::uint64_t best_tokens = batch.tokens;
    const auto consider = [&](std::uint64_t tokens, Choice choice) {
        if (tokens > batch_tokens_)
            return;
        const double gain = worth_[tokens] / worth_[best_tokens];
        if (gain < 1.0001 && (gain < 0.9999 || tokens <= best_tokens))
            return;
        best = choice;
        best_tokens = tokens;
    };
    const auto consider_all = [&](std::uint64_t tokens, bool keep_last) {
        for (std::size_t i = 0; i < upcoming.size(); ++i) {
            const auto with_one = tokens + upcoming[i].tokens;
            if (with_one > batch_tokens_)
                continue;
            consider(with_one, {keep_last, 1, {i}});
            for (std::size_t j = i + 1; j < upcoming.size(); ++j)
                consider(with_one + upcoming[j].tokens, {keep_last, 2, {i, j}});
        }
    };
    const Part last = batch.parts.back();
    consider_all(batch.tokens, true);
    const bool one_class = jobs_.at(last.job).priority == jobs_.at(batch.parts.front().job).priority;
    if (batch.parts.size() > 1 && one_class)
        consider_all(batch.tokens - last.tokens, false);

    for (const auto i : std::span(best.parts).first(best.chosen))
        take_out_of_turn(batch, upcoming[i]);
    if (best.keep_last)
        return;
    std::erase(batch.parts, last);
    batch.tokens -= last.tokens;
    waits(last);
    const auto& job = jobs_.at(last.job);
    queue(job.priority).push_front(job.owner, last);
}

void Scheduler::take_out_of_turn(Batch& batch, const Part& part)
{
    const auto& job = jobs_.at(part.job);
    settle(job.priority, part);
    if (queue(job.priority).take(job.owner, part))
        add(batch, part);
}

void Scheduler::put_back(const Batch& batch)
{
    for (auto part = batch.parts.rbegin(); part != batch.parts.rend(); ++part) {
        const auto job = jobs_.find(part->job);
        if (job == jobs_.end())
            continue;
        waits(*part);
        queue(job->second.priority).push_front(job->second.owner, *part);
    }
}

void Scheduler::retry(Batch batch)
{
    std::erase_if(batch.parts, [this](const Part& part) { return !jobs_.contains(part.job); });
    if (batch.parts.empty())
        return;
    for (const auto& part : batch.parts)
        waits(part);
    (batch.suspect ? suspects_ : retries_).push_back(std::move(batch));
}

std::optional<Batch> Scheduler::next_retry(std::deque<Batch>& from)
{
    if (from.empty())
        return std::nullopt;
    auto batch = std::move(from.front());
    from.pop_front();
    batch.tokens = 0;
    for (const auto& part : batch.parts)
        batch.tokens += leaves(part).tokens;
    return batch;
}

ipc::QueueStatus Scheduler::status(Clock::time_point now) const
{
    ipc::QueueStatus status{
        .requests = waiting_jobs_, .tokens = waiting_tokens_, .capacity_tokens = capacity_tokens_};
    const auto oldest = std::ranges::find_if(jobs_, [](const auto& job) { return job.second.parts > 0; });
    if (oldest != jobs_.end())
        status.oldest_us = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(now - oldest->second.since).count());
    return status;
}

std::vector<JobId> Scheduler::waiting() const
{
    std::vector<JobId> ids;
    for (const auto& [id, job] : jobs_) {
        if (job.parts > 0)
            ids.push_back(id);
    }
    return ids;
}

} // namespace embedd::daemon
