#include "bench/report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace embedd::bench {

namespace {

std::string cell(const nlohmann::json& value)
{
    if (value.is_null())
        return "–";
    if (value.is_string())
        return printable(value.get<std::string>());
    if (!value.is_number_float())
        return value.dump();
    const auto number = value.get<double>();
    std::array<char, 48> text{};
    const auto size = std::abs(number);
    const char* format = size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%.0f";
    std::snprintf(text.data(), text.size(), format, number);
    return text.data();
}

// Bytes of the character at the front that a terminal may be given as it is; 0 where there is none.
std::size_t harmless_bytes(std::string_view text)
{
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    if (lead < 0x80)
        return lead < 0x20 || lead == 0x7F ? 0 : 1;
    const std::size_t length = lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80)
            return 0;
    // U+0080 to U+009F begin escape sequences on some terminals.
    return lead == 0xC2 && byte(1) < 0xA0 ? 0 : length;
}

std::size_t columns_of(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

std::string table(const std::vector<std::string>& columns, const nlohmann::json& rows)
{
    std::vector<std::vector<std::string>> lines{columns};
    for (const auto& row : rows) {
        auto& line = lines.emplace_back();
        for (const auto& column : columns)
            line.push_back(cell(row.value(column, nlohmann::json())));
    }
    std::vector<std::size_t> widths(columns.size());
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], columns_of(line[i]));
    std::string text;
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            text += i == 0 ? "" : "  ";
            text += std::string(widths[i] - columns_of(line[i]), ' ') + line[i];
        }
        text += '\n';
    }
    return text;
}

std::string printable(std::string_view text)
{
    std::string shown;
    while (!text.empty()) {
        const auto length = harmless_bytes(text);
        if (length == 0) {
            std::array<char, 8> mark{};
            std::snprintf(mark.data(), mark.size(), "\\x%02X", static_cast<unsigned char>(text[0]));
            shown += mark.data();
        } else {
            shown += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return shown;
}

} // namespace embedd::bench
