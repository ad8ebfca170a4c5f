#include "daemon/draining.hpp"

#include "daemon/log.hpp"
#include "daemon/operations.hpp"

#include <utility>

namespace embedd::daemon {

namespace {

constexpr std::chrono::milliseconds look_interval{20};

} // namespace

Draining::Draining(const boost::asio::any_io_executor& executor, Operations& operations, Lifecycle& lifecycle,
                   Log& log)
    : again_(executor), operations_(operations), lifecycle_(lifecycle), log_(log)
{
}

void Draining::start(const std::string& who, OnProgress on_progress, Done done)
{
    if (stopped_)
        return done(ipc::Error{ipc::ErrorType::draining, "the service is stopping", {}});
    Waiting waiting{.begun = Clock::now(),
                    .at_first = operations_.under_way(),
                    .on_progress = std::move(on_progress),
                    .done = std::move(done)};
    if (!std::exchange(drains_, true)) {
        log_.notice("draining, asked for by " + who + ": what was accepted is answered, nothing new taken");
        lifecycle_.draining();
        operations_.drain();
    }
    waiting_.push_back(std::move(waiting));
    look();
}

ipc::ResumeReply Draining::resume(const std::string& who)
{
    if (stopped_ || !std::exchange(drains_, false))
        return {};
    log_.notice("work is taken again, asked for by " + who);
    lifecycle_.resumed();
    operations_.resume();
    end_all({ipc::ErrorType::draining, "the drain was called off: the service takes work again", {}});
    return {.resumed = true};
}

void Draining::stop()
{
    stopped_ = true;
    end_all({ipc::ErrorType::draining, "the service is stopping", {}});
}

void Draining::end_all(const ipc::Error& error)
{
    for (const auto& waiting : std::exchange(waiting_, {}))
        waiting.done(error);
    again_.cancel();
}

void Draining::look()
{
    if (waiting_.empty())
        return;
    const auto left = operations_.under_way();
    if (left == 0) {
        for (const auto& waiting : std::exchange(waiting_, {})) {
            const auto took =
                std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - waiting.begun);
            waiting.done(ipc::DrainReply{.answered = waiting.at_first,
                                         .took_us = static_cast<std::uint64_t>(took.count())});
        }
        log_.notice("drained: nothing is under way");
        return;
    }
    for (const auto& waiting : waiting_)
        waiting.on_progress({.done = waiting.at_first - std::min<std::uint64_t>(waiting.at_first, left),
                             .total = waiting.at_first,
                             .step = "drain"});
    again_.expires_after(look_interval);
    again_.async_wait([this](boost::system::error_code failure) {
        if (!failure)
            look();
    });
}

} // namespace embedd::daemon
