#include "daemon/option_values.hpp"

#include <charconv>
#include <limits>

namespace embedd::daemon {
namespace {

template <class Number>
std::optional<Number> parsed(std::string_view text, int base)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

struct Unit {
    std::string_view suffix;
    std::uint64_t factor;
};

// A whole number before one of the suffixes; the longer suffixes come first.
template <std::size_t count>
std::optional<std::uint64_t> scaled(std::string_view text, const Unit (&units)[count])
{
    for (const Unit& unit : units) {
        if (!text.ends_with(unit.suffix))
            continue;
        const auto number = whole_number(text.substr(0, text.size() - unit.suffix.size()));
        constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (!number || *number > largest / unit.factor)
            return std::nullopt;
        return *number * unit.factor;
    }
    return std::nullopt;
}

constexpr Unit duration_units[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"", 1'000}};
constexpr Unit size_units[] = {{"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {"", 1}};

} // namespace

std::optional<std::uint64_t> whole_number(std::string_view text)
{
    return parsed<std::uint64_t>(text, 10);
}

std::optional<bool> truth(std::string_view text)
{
    if (text == "true")
        return true;
    if (text == "false")
        return false;
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> duration(std::string_view text)
{
    const auto milliseconds = scaled(text, duration_units);
    if (!milliseconds)
        return std::nullopt;
    return std::chrono::milliseconds(*milliseconds);
}

std::optional<std::uint64_t> size_in_bytes(std::string_view text) { return scaled(text, size_units); }

std::optional<mode_t> file_mode(std::string_view text)
{
    const auto mode = parsed<mode_t>(text, 8);
    return mode && *mode <= 0777 ? mode : std::nullopt;
}

} // namespace embedd::daemon
