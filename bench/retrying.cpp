#include "bench/retrying.hpp"

#include <algorithm>
#include <utility>

namespace embedd::bench {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds longest_pause{200};

std::optional<RetryCause> cause_of(const ipc::CallFailure& failure)
{
    if (failure.link)
        return *failure.link == ipc::LinkFault::unreachable || *failure.link == ipc::LinkFault::closed
                   ? std::optional{RetryCause::broken}
                   : std::nullopt;
    switch (failure.error.type) {
    case ipc::ErrorType::draining:
        return RetryCause::draining;
    case ipc::ErrorType::overloaded:
        return RetryCause::overloaded;
    case ipc::ErrorType::not_ready:
        return RetryCause::not_ready;
    case ipc::ErrorType::bad_request:
    case ipc::ErrorType::too_large:
    case ipc::ErrorType::input_too_long:
    case ipc::ErrorType::unsupported:
    case ipc::ErrorType::deadline_exceeded:
    case ipc::ErrorType::forbidden:
    case ipc::ErrorType::insufficient_memory:
    case ipc::ErrorType::internal:
        break;
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(RetryCause cause) noexcept
{
    switch (cause) {
    case RetryCause::broken:
        return "broken connection";
    case RetryCause::draining:
        return "draining";
    case RetryCause::overloaded:
        return "overloaded";
    case RetryCause::not_ready:
        return "not_ready";
    }
    return "unknown";
}

std::optional<Retrying::Retry> Retrying::after(const ipc::CallFailure& failure, Clock::time_point now)
{
    const auto cause = cause_of(failure);
    if (!cause)
        return std::nullopt;
    auto pause = std::exchange(next_pause_, std::min(2 * next_pause_, longest_pause));
    const bool by_the_clock = *cause == RetryCause::overloaded || *cause == RetryCause::not_ready;
    if (by_the_clock && failure.error.retry_after_ms)
        pause = milliseconds{std::min<std::uint64_t>(*failure.error.retry_after_ms, 60'000)};
    if (now + pause >= deadline_)
        return std::nullopt;
    return Retry{*cause, pause, !by_the_clock};
}

} // namespace embedd::bench
