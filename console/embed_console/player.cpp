#include "console/embed_console/player.hpp"

#include "console/embed_console/clock.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

namespace embedd::console {

namespace {

// False when it was to stop before.
bool wait_until(std::uint64_t time_us, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    const auto now = now_us();
    never.wait_for(lock, stop, std::chrono::microseconds{time_us - std::min(time_us, now)},
                   [] { return false; });
    return !stop.stop_requested();
}

void play(Recording& recording, Inbox& inbox, const std::stop_token& stop)
{
    const auto began_us = now_us();
    std::optional<std::uint64_t> first_us;
    try {
        while (auto recorded = recording.next()) {
            const auto first = first_us.emplace(first_us.value_or(recorded->at_us));
            const auto due_us = began_us + (recorded->at_us - std::min(recorded->at_us, first));
            if (!wait_until(due_us, stop))
                return;
            inbox.put(event_of(*std::move(recorded), now_us()));
        }
        inbox.put(screen::LinkLost{
            .now_us = now_us(), .why = "the recording ends here", .tries = 0, .retry_at_us = {}});
    } catch (const std::exception& e) {
        inbox.put(screen::LinkLost{.now_us = now_us(), .why = e.what(), .tries = 0, .retry_at_us = {}});
    }
}

} // namespace

Player::Player(const std::filesystem::path& file, Inbox& inbox)
    : recording_(file),
      thread_([this, &inbox](const std::stop_token& stop) { play(recording_, inbox, stop); })
{
}

} // namespace embedd::console
