#include "console/embed_console/link.hpp"

#include "console/command_line/exit_code.hpp"
#include "console/embed_console/clock.hpp"

#include <exception>
#include <utility>

namespace embedd::console {

Link::Link(Plan plan, Inbox& inbox) : target_(std::move(plan.target)), inbox_(inbox), interval_(plan.interval)
{
    if (plan.record)
        recorder_.emplace(*plan.record);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Link::~Link()
{
    thread_.request_stop();
    const std::lock_guard lock{mutex_};
    if (listening_)
        listening_->interrupt();
}

void Link::retry_now()
{
    const std::lock_guard lock{mutex_};
    hurry_ = true;
    changed_.notify_all();
}

void Link::set_interval(std::chrono::milliseconds interval)
{
    const std::lock_guard lock{mutex_};
    interval_ = interval;
    if (listening_)
        listening_->interrupt();
}

std::string Link::socket() const
{
    const std::lock_guard lock{mutex_};
    return socket_;
}

void Link::run(const std::stop_token& stop)
{
    while (!stop.stop_requested()) {
        try {
            if (const auto failure = listen(stop))
                lose(stop, describe(*failure));
        } catch (const std::exception& e) { // no memory for a message: the next one may be smaller
            lose(stop, e.what());
        }
    }
}

std::optional<ipc::CallFailure> Link::listen(const std::stop_token& stop)
{
    const auto options = locate(target_);
    if (!options)
        return options.error();
    ipc::Client client{*options};
    std::chrono::milliseconds interval{};
    {
        const std::lock_guard lock{mutex_};
        if (stop.stop_requested())
            return std::nullopt;
        socket_ = client.socket();
        interval = interval_;
        listening_ = &client;
    }
    const auto end = client.subscribe(interval, [this](ipc::SubscribeEvent event) {
        hear(std::move(event));
        return true;
    });
    const std::lock_guard lock{mutex_};
    listening_ = nullptr;
    if (end || end.error().link == ipc::LinkFault::interrupted)
        return std::nullopt;
    return end.error();
}

void Link::hear(ipc::SubscribeEvent event)
{
    back_off_.succeeded();
    Recorded heard{.at_us = now_us(), .wall_time = wall_time(), .what = std::move(event)};
    keep(heard);
    const auto at_us = heard.at_us;
    inbox_.put(event_of(std::move(heard), at_us));
}

void Link::lose(const std::stop_token& stop, const std::string& why)
{
    const auto wait = back_off_.next();
    const auto at_us = now_us();
    if (back_off_.tries() == 1)
        keep({.at_us = at_us, .wall_time = wall_time(), .what = Recorded::Lost{why}});
    inbox_.put(screen::LinkLost{.now_us = at_us,
                                .why = why,
                                .tries = back_off_.tries(),
                                .retry_at_us = at_us + static_cast<std::uint64_t>(wait.count()) * 1000});
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, stop, wait, [this] { return hurry_; });
    hurry_ = false;
}

void Link::keep(const Recorded& recorded)
{
    if (!recorder_)
        return;
    try {
        recorder_->keep(recorded);
    } catch (const std::exception& e) {
        recorder_.reset();
        inbox_.put(screen::Noted{e.what()});
    }
}

} // namespace embedd::console
