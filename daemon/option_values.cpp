#include "daemon/option_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace embedd::daemon {

namespace {

using Unit = std::pair<std::string_view, std::uint64_t>;

std::optional<std::uint64_t> digits(std::string_view text, int base)
{
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, base);
    if (text.empty() || error != std::errc{} || stopped != end)
        return std::nullopt;
    return value;
}

template <std::size_t Count>
std::optional<std::uint64_t> with_unit(std::string_view text, const std::array<Unit, Count>& units)
{
    const auto split = text.find_first_not_of("0123456789");
    const auto number = digits(text.substr(0, split), 10);
    const auto unit = split == std::string_view::npos ? std::string_view{} : text.substr(split);
    for (const auto& [name, factor] : units)
        if (number && unit == name && *number <= std::numeric_limits<std::uint64_t>::max() / factor)
            return *number * factor;
    return std::nullopt;
}

} // namespace

std::optional<std::uint64_t> parse_whole(std::string_view text)
{
    return digits(text, 10);
}

std::optional<double> parse_fraction(std::string_view text)
{
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (error != std::errc{} || stopped != end || !(value >= 0.01 && value <= 1))
        return std::nullopt;
    return value;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text)
{
    static constexpr std::array<Unit, 5> units{
        {{"", 1}, {"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}}};
    return with_unit(text, units);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text)
{
    static constexpr std::array<Unit, 4> units{{{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60'000}}};
    const auto value = with_unit(text, units);
    if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()))
        return std::nullopt;
    return std::chrono::milliseconds{*value};
}

std::optional<bool> parse_bool(std::string_view text)
{
    if (text == "true")
        return true;
    if (text == "false")
        return false;
    return std::nullopt;
}

std::optional<std::uint32_t> parse_octal(std::string_view text)
{
    const auto value = digits(text, 8);
    if (!value || *value > 07777)
        return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::vector<std::string>> parse_devices(std::string_view text)
{
    constexpr std::uint64_t highest = 255;
    constexpr std::string_view kind = "cuda";
    std::vector<std::string> devices;
    if (text == "auto" || text == "cpu")
        return std::vector{std::string{text}};
    while (devices.size() < most_devices) {
        const auto comma = text.find(',');
        const auto name = text.substr(0, comma);
        const auto index = name == kind                ? 0
                           : name.starts_with("cuda:") ? parse_whole(name.substr(kind.size() + 1))
                                                       : std::nullopt;
        if (!index || *index > highest)
            return std::nullopt;
        auto device = std::string{kind} + ':' + std::to_string(*index);
        if (std::ranges::find(devices, device) != devices.end())
            return std::nullopt;
        devices.push_back(std::move(device));
        if (comma == std::string_view::npos)
            return devices;
        text.remove_prefix(comma + 1);
    }
    return std::nullopt;
}

} // namespace embedd::daemon
