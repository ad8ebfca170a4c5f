#include "daemon/events.hpp"

#include <chrono>
#include <string>

namespace embedd::daemon {

namespace {
constexpr std::size_t kept = 64;
constexpr std::size_t longest_text = 1024; // every viewer is told all of them
} // namespace

void Events::add(Level level, std::string_view text)
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::lock_guard lock(mutex_);
    lines_.push_back({.seq = next_++,
                      .mono_us = static_cast<std::uint64_t>(
                          std::chrono::duration_cast<std::chrono::microseconds>(now).count()),
                      .level = std::string(to_string(level)),
                      .text = std::string(text.substr(0, longest_text))});
    if (lines_.size() > kept)
        lines_.pop_front();
}

std::vector<ipc::Event> Events::recent() const
{
    const std::lock_guard lock(mutex_);
    return {lines_.begin(), lines_.end()};
}

} // namespace embedd::daemon
