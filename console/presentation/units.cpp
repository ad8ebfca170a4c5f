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

// Length in bytes of the UTF-8 character at the front; 0 when there is none.
std::size_t utf8_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80)
            return 0;
    // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
        (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F))
        return 0;
    return length;
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

std::string printable(std::string_view text)
{
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        auto length = utf8_length(text);
        const auto lead = static_cast<unsigned char>(text[0]);
        // C1 controls (U+0080 to U+009F) begin escape sequences on some terminals.
        const bool c1 = length == 2 && lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
        if (length == 0 || c1 || lead < 0x20 || lead == 0x7F) {
            std::array<char, 8> mark{};
            length = length == 0 ? 1 : length;
            const auto code = static_cast<unsigned char>(text[length - 1]);
            std::snprintf(mark.data(), mark.size(), "\\x%02X", static_cast<unsigned>(code));
            shown += mark.data();
        } else {
            shown += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return shown;
}

} // namespace embedd::console
