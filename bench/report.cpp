#include "bench/report.hpp"

#include "ipc/printable.hpp"

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
        return ipc::printable(value.get<std::string>());
    if (!value.is_number_float())
        return value.dump();
    const auto number = value.get<double>();
    std::array<char, 48> text{};
    const auto size = std::abs(number);
    const char* format = size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%.0f";
    std::snprintf(text.data(), text.size(), format, number);
    return text.data();
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

} // namespace embedd::bench
