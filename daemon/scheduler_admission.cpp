#include "daemon/scheduler.hpp"

#include <algorithm>

namespace embedd::daemon {

namespace {

// The last eighth of the queue is for uids of which little waits: one that fills the queue shuts nobody out.
constexpr std::uint64_t kept_part = 8;
constexpr std::uint64_t little_part = 64;

// What others have waiting may come once more while this waits: it counts twice, and more where jobs that
// were admitted expired, until the queue is empty again. It settles where one in two hundred does.
constexpr double least_caution = 2, most_caution = 16;
constexpr double more_caution = 0.1, less_caution = more_caution / 200;

} // namespace

std::optional<ipc::Error> Scheduler::refusal(const QueuedJob& job, std::uint64_t tokens,
                                             Clock::time_point now, std::uint64_t lanes) const
{
    const auto open = capacity_tokens_ - capacity_tokens_ / kept_part;
    if (tokens > open)
        return ipc::Error{ipc::ErrorType::too_large,
                          "the request has " + std::to_string(tokens) + " tokens, the queue takes " +
                              std::to_string(open) + " of one client: send it in parts",
                          std::nullopt};

    const auto come_back = [&](std::string why, double tokens_less) {
        const auto wait = pace_.time_for(tokens_less * price_of_token(), lanes);
        return ipc::Error{ipc::ErrorType::overloaded, std::move(why),
                          static_cast<std::uint64_t>(wait.count())};
    };
    const auto waiting = static_cast<double>(waiting_tokens_);
    const auto of_uid = interactive_.tokens_of(job.owner.uid) + batch_.tokens_of(job.owner.uid) + tokens;
    const auto room = of_uid <= capacity_tokens_ / little_part ? capacity_tokens_ : open;
    if (waiting_tokens_ + tokens > room)
        return come_back("the queue is full: " + std::to_string(waiting_tokens_) + " of " +
                             std::to_string(capacity_tokens_) + " tokens wait, the last " +
                             std::to_string(capacity_tokens_ - open) + " are for users with little waiting",
                         waiting + static_cast<double>(tokens) - static_cast<double>(room));

    // With an empty queue it is the client's own affair; and it is how a pace that was bad is measured again.
    if (!job.deadline || *job.deadline <= now || waiting_tokens_ == 0 || !pace_.known() || lanes == 0)
        return std::nullopt;
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(*job.deadline - now);
    const double in_time = pace_.device_time(left, lanes) / price_of_token();
    const auto own = static_cast<double>(tokens);
    const auto in_lanes = static_cast<double>(lanes * batch_tokens_);
    const auto& mine = job.priority == ipc::Priority::interactive ? interactive_ : batch_;
    const double share = mine.share_left(job.owner, tokens);
    if (in_lanes + (own + caution_ * before(job, tokens)) / share <= in_time)
        return std::nullopt;
    const double may_wait = std::max(0.0, ((in_time - in_lanes) * share - own) / caution_);
    return come_back("too much waits to answer within the " + std::to_string(left.count() / 1000) +
                         " ms left of timeout_ms",
                     waiting + in_lanes - may_wait);
}

// Tokens that are computed before the job is, by fair queueing within its priority: while an owner is served
// some, each other one is served as many at most.
double Scheduler::before(const QueuedJob& job, std::uint64_t tokens) const
{
    const bool interactive = job.priority == ipc::Priority::interactive;
    const auto& mine = interactive ? interactive_ : batch_;
    const auto& other = interactive ? batch_ : interactive_;
    const auto retries = waiting_tokens_ - mine.tokens() - other.tokens();
    const auto first = static_cast<double>(mine.tokens_before(job.owner, tokens) + retries);
    const double share = interactive ? batch_share : 1 - batch_share;
    const double beside = (first + static_cast<double>(tokens)) * share / (1 - share);
    return first + std::min(static_cast<double>(other.tokens()), beside);
}

void Scheduler::kept_deadline()
{
    caution_ = waiting_tokens_ == 0 ? least_caution : std::max(least_caution, caution_ - less_caution);
}

void Scheduler::missed_deadline()
{
    caution_ = std::min(most_caution, caution_ + more_caution);
}

} // namespace embedd::daemon
