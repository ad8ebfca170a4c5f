#include "console/embed_console/clock.hpp"

#include <array>
#include <chrono>
#include <ctime>

namespace embedd::console {

std::uint64_t now_us() noexcept
{
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

std::string wall_time()
{
    const auto now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    std::array<char, 16> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &local)};
}

} // namespace embedd::console
