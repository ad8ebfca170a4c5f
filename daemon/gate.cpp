#include "daemon/gate.hpp"

#include <utility>

namespace embedd::daemon {

namespace {
constexpr std::uint64_t retry_soon_ms = 1000;
}

ipc::Result<Gate::Ticket> Gate::hold(bool wait, std::optional<Clock::time_point> deadline,
                                     Clock::time_point now, Verdict verdict)
{
    if (draining_)
        return *draining_;
    if (!wait)
        return ipc::Error{ipc::ErrorType::not_ready, "the service is starting", retry_soon_ms};
    if (held_.size() >= held_max)
        return ipc::Error{ipc::ErrorType::overloaded, "too many requests wait for the service to start",
                          retry_soon_ms};

    const auto limit = now + hold_limit_;
    const bool own = deadline && *deadline < limit;
    const auto until = own ? *deadline : limit;
    const Ticket ticket = next_++;
    held_.emplace(ticket, Held{until, own, std::move(verdict)});
    by_time_.emplace(until, ticket);
    return ticket;
}

void Gate::forget(Ticket ticket)
{
    const auto held = held_.find(ticket);
    if (held == held_.end())
        return;
    const auto [first, last] = by_time_.equal_range(held->second.until);
    for (auto at = first; at != last; ++at)
        if (at->second == ticket) {
            by_time_.erase(at);
            break;
        }
    held_.erase(held);
}

void Gate::let_pass()
{
    open_ = true;
    if (!draining_)
        release(std::nullopt);
}

void Gate::close()
{
    open_ = false;
}

void Gate::drain(std::string why)
{
    draining_ = ipc::Error{ipc::ErrorType::draining, std::move(why), retry_soon_ms};
    release(draining_);
}

void Gate::resume()
{
    draining_.reset(); // nothing is held that could pass now
}

void Gate::release(std::optional<ipc::Error> verdict)
{
    // Verdicts may forget others that are held: each is taken out before it is told.
    while (!held_.empty()) {
        const Verdict tell = std::move(held_.begin()->second.verdict);
        forget(held_.begin()->first);
        tell(verdict);
    }
}

void Gate::expire(Clock::time_point now)
{
    while (!by_time_.empty() && by_time_.begin()->first <= now) {
        const Ticket ticket = by_time_.begin()->second;
        const Held held = std::move(held_.at(ticket));
        forget(ticket);
        held.verdict(
            held.by_own_deadline
                ? ipc::Error{ipc::ErrorType::deadline_exceeded, "the service was not ready in time", {}}
                : ipc::Error{ipc::ErrorType::not_ready, "the service is still starting", retry_soon_ms});
    }
}

std::optional<Clock::time_point> Gate::next_expiry() const
{
    if (by_time_.empty())
        return std::nullopt;
    return by_time_.begin()->first;
}

} // namespace embedd::daemon
