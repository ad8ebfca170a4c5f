#include "console/presentation/units.hpp"

#include <array>
#include <cstdio>

namespace embedd::console {

namespace {

std::string number(double value, const char* unit)
{
    std::array<char, 48> text{};
    const char* format = value < 9.995 ? "%.2f %s" : value < 99.95 ? "%.1f %s" : "%.0f %s";
    std::snprintf(text.data(), text.size(), format, value, unit);
    return text.data();
}

} // namespace

std::string format_bytes(std::uint64_t bytes)
{
    static constexpr std::array units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024)
        return std::to_string(bytes) + " B";
    auto value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1023.5 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return number(value, units[unit]);
}

std::string format_duration(std::chrono::microseconds duration)
{
    const auto us = duration.count();
    if (us < 1000)
        return std::to_string(us) + " µs";
    if (us < 1'000'000)
        return number(static_cast<double>(us) / 1e3, "ms");
    if (us < 60'000'000)
        return number(static_cast<double>(us) / 1e6, "s");
    const auto seconds = us / 1'000'000;
    if (seconds < 3600)
        return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string format_duration(std::optional<std::uint64_t> us)
{
    return us ? format_duration(std::chrono::microseconds{static_cast<std::int64_t>(*us)}) : "–";
}

std::string format_ratio(std::optional<double> ratio)
{
    if (!ratio)
        return "–";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", *ratio);
    return text.data();
}

std::string format_count(std::uint64_t count)
{
    auto text = std::to_string(count);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

} // namespace embedd::console
