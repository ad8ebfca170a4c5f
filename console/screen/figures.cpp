#include "console/screen/figures.hpp"

#include "console/presentation/units.hpp"
#include "console/screen/grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace embedd::console::screen {

namespace {

template <class... Values>
std::string printed(const char* format, Values... values)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

std::string three_digits(double value)
{
    return printed(value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value);
}

// The first `columns` characters; the last of them "…" where there are more.
std::string cut(std::string_view text, int columns)
{
    if (columns_of(text) <= columns)
        return std::string{text};
    std::string out;
    int taken = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool first = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
        if (first && ++taken >= columns)
            break;
        out += text[i];
    }
    return columns > 0 ? out + "…" : std::string{};
}

std::string spaces(int count)
{
    return std::string(static_cast<std::size_t>(std::max(0, count)), ' ');
}

} // namespace

std::string short_count(std::optional<double> count)
{
    static constexpr std::array units{"", "k", "M", "G", "T", "P", "E"};
    if (!count || !std::isfinite(*count))
        return "-";
    auto value = std::max(0.0, *count);
    if (value < 9999.5)
        return value < 9.95 && value != std::floor(value) ? printed("%.1f", value) : printed("%.0f", value);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return value > 9999 ? ">999E" : three_digits(value) + units[unit];
}

std::string short_count(double count)
{
    return short_count(std::optional{count});
}

std::string short_count(std::uint64_t count)
{
    return short_count(std::optional{static_cast<double>(count)});
}

std::string milliseconds(std::optional<std::uint64_t> us)
{
    if (!us)
        return "-";
    const auto ms = static_cast<double>(*us) / 1e3;
    return ms < 999'999.5 ? three_digits(ms) : ">999k";
}

std::string span(std::uint64_t us)
{
    const auto seconds = us / 1'000'000;
    if (seconds < 10)
        return printed("%.1fs", std::floor(static_cast<double>(us) / 1e5) / 10);
    if (seconds < 120)
        return std::to_string(seconds) + "s";
    const auto minutes = seconds / 60;
    if (minutes < 60)
        return std::to_string(minutes) + "m";
    if (minutes < 24 * 60)
        return std::to_string(minutes / 60) + "h" + printed("%02u", static_cast<unsigned>(minutes % 60)) +
               "m";
    const auto days = minutes / (24 * 60);
    return days < 100'000 ? std::to_string(days) + "d" : ">99kd";
}

std::string percent(double fraction)
{
    if (!std::isfinite(fraction))
        return "-";
    return printed("%.0f%%", std::clamp(fraction, 0.0, 99.99) * 100);
}

std::string small_percent(double fraction)
{
    constexpr double whole_ones_from = 0.095;
    return fraction > 0 && fraction < whole_ones_from ? printed("%.1f%%", fraction * 100) : percent(fraction);
}

std::string at_right(std::string_view text, int width)
{
    return spaces(width - columns_of(text)) + cut(text, width);
}

std::string column(std::string_view text, int width)
{
    return ' ' + at_right(text, width - 1);
}

std::string at_left(std::string_view text, int width)
{
    return cut(text, width) + spaces(width - columns_of(text));
}

std::string shown(std::string_view theirs, int columns)
{
    // A mark of a byte is four columns: no more of a long text is looked at than could be shown.
    const auto enough = static_cast<std::size_t>(std::max(0, columns)) * 4 + 4;
    return cut(printable(theirs.substr(0, enough)), columns);
}

} // namespace embedd::console::screen
