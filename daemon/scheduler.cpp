#include "daemon/scheduler.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace embedd::daemon {

namespace {

constexpr std::size_t looked_at_to_fill = 96;

// Of the device's time, left unused by batches that were cut for the sake of those with little work.
constexpr double most_room = 1.0 / 16;

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
    pace_ = {};
    set_batch_tokens(batch_tokens);
}

void Scheduler::set_batch_tokens(std::uint64_t batch_tokens)
{
    batch_tokens_ = std::max<std::uint64_t>(batch_tokens, 1);
    worth_.resize(batch_tokens_ + 1);
    for (std::uint64_t tokens = 0; tokens <= batch_tokens_; ++tokens)
        worth_[tokens] = static_cast<double>(tokens) / cost_.microseconds(std::max<std::uint64_t>(tokens, 1));
    interactive_.set_batch(batch_tokens_, full_price());
    batch_.set_batch(batch_tokens_, full_price());
}

void Scheduler::lower_batch_tokens(std::uint64_t to)
{
    if (to < batch_tokens_)
        set_batch_tokens(to);
}

// Within a batch a part costs its share of a full one; longer than a batch, it runs alone.
double Scheduler::price(const Part& part) const
{
    if (part.tokens > batch_tokens_)
        return cost_.microseconds(part.tokens);
    return static_cast<double>(part.tokens) * price_of_token();
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
    if (auto refused = refusal(job, tokens, now, lanes))
        return *refused;

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
        if (job.deadline) {
            deadlines_.erase({*job.deadline, part.job});
            kept_deadline();
        }
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
    auto [parts, tokens] = std::pair(job.parts, job.tokens); // that are in the queue
    for (auto* retries : {&retries_, &suspects_}) {
        for (auto& batch : *retries) {
            std::erase_if(batch.parts, [&](const Part& part) {
                if (part.job != id)
                    return false;
                --parts;
                tokens -= part.tokens;
                return true;
            });
        }
        std::erase_if(*retries, [](const Batch& batch) { return batch.parts.empty(); });
    }
    queue(job.priority).forget(job.owner, parts, tokens);
}

std::vector<JobId> Scheduler::expired(Clock::time_point now)
{
    std::vector<JobId> ids;
    for (const auto& [deadline, id] : deadlines_) {
        if (deadline > now)
            break;
        ids.push_back(id);
        missed_deadline();
    }
    return ids;
}

std::optional<Clock::time_point> Scheduler::next_deadline() const
{
    return deadlines_.empty() ? std::nullopt : std::optional(deadlines_.begin()->first);
}

Scheduler::Backlog Scheduler::backlog(const Part& part) const
{
    const auto& job = jobs_.at(part.job);
    if (job.priority == ipc::Priority::batch || interactive_.tokens_of(job.owner) >= batch_tokens_)
        return Backlog::much;
    return interactive_.tokens_of(job.owner.uid) >= batch_tokens_ ? Backlog::together : Backlog::little;
}

// For a batch that holds work of such owners already, of priority batch that much. What is owed to batch
// waits where little work would have to wait with it, until a full batch is owed.
std::optional<ipc::Priority> Scheduler::next_priority(Backlog held, double of_batch)
{
    const Part* batch = batch_.front();
    const Part* interactive = interactive_.front();
    if (!batch) {
        owed_to_batch_ = 0;
        return interactive ? std::optional(ipc::Priority::interactive) : std::nullopt;
    }
    if (!interactive)
        return ipc::Priority::batch;
    const double grace = backlog(*interactive) < Backlog::much ? full_price() : 0;
    return held == Backlog::much && owed_to_batch_ >= of_batch + price(*batch) + grace
               ? ipc::Priority::batch
               : ipc::Priority::interactive;
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
    auto held = Backlog::much; // the least of those it holds work of
    double of_batch = 0;
    bool full = false, cut = false;
    while (const auto priority = next_priority(held, of_batch)) {
        auto& from = queue(*priority);
        const Part head = *from.front();
        const auto waits = backlog(head);
        full = !batch.parts.empty() && batch.tokens + head.tokens > batch_tokens_;
        cut = waits > held && room_left_ < full_price();
        if (full || cut)
            break;
        held = std::min(held, waits);
        of_batch += *priority == ipc::Priority::batch ? price(head) : 0;
        add(batch, from.take_front());
    }
    if (batch.parts.empty())
        return std::nullopt;
    if (full && batch.tokens < batch_tokens_)
        fit_to_rung(batch, held);
    settle(batch, cut);
    std::ranges::stable_sort(batch.parts, {}, &Part::tokens);
    return batch;
}

// A batch that was cut leaves room that others who wait could have filled: its owners pay for that too.
// What interactive work gets while the other waits is set against the other's share; whatever that gets pays
// it off, also when nothing else waited.
void Scheduler::settle(const Batch& batch, bool cut)
{
    double paid = 0;
    for (const auto& part : batch.parts)
        paid += price(part);
    const double room = cut ? std::max(0.0, cost_.microseconds(batch.tokens) / paid - 1) : 0;
    room_left_ = std::max(0.0, room_left_ + paid * (room - most_room));
    for (const auto& part : batch.parts) {
        const auto& job = jobs_.at(part.job);
        if (room > 0)
            queue(job.priority).charge(job.owner, price(part) * room);
        if (job.priority == ipc::Priority::batch)
            owed_to_batch_ -= price(part);
        else if (!batch_.empty())
            owed_to_batch_ += price(part) * (1 + room) * batch_share / (1 - batch_share);
    }
    if (interactive_.empty())
        owed_to_batch_ = std::max(0.0, owed_to_batch_);
}

// More waits than fits: up to two parts that would come later, in place of the last one or besides it, may
// use the rung better. The last one is then the first of those in turn, so that it is passed over only once.
void Scheduler::fit_to_rung(Batch& batch, Backlog held)
{
    auto upcoming = interactive_.upcoming(looked_at_to_fill);
    for (const auto& part : batch_.upcoming(looked_at_to_fill / 2))
        upcoming.push_back(part);
    std::erase_if(upcoming, [&](const Part& part) { return backlog(part) > held; });

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
