#include "console/presentation/table.hpp"

#include <algorithm>
#include <cassert>

namespace embedd::console {

namespace {

std::size_t columns_of(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string gap(std::string_view text, std::size_t width)
{
    return std::string(width - std::min(width, columns_of(text)), ' ');
}

} // namespace

std::string padded(std::string text, std::size_t width)
{
    return text + gap(text, width);
}

Table::Table(std::vector<Column> columns)
{
    auto& titles = rows_.emplace_back();
    for (const auto& column : columns) {
        titles.emplace_back(column.title);
        alignments_.push_back(column.align);
    }
}

void Table::add(std::vector<std::string> row)
{
    assert(row.size() == alignments_.size());
    rows_.push_back(std::move(row));
}

std::string Table::text() const
{
    std::vector<std::size_t> widths(alignments_.size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], columns_of(row[i]));
    std::string out;
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto space = gap(row[i], widths[i]);
            out += i == 0 ? "" : "  ";
            out += alignments_[i] == Align::right ? space + row[i] : row[i] + space;
        }
        out.erase(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
    return out;
}

} // namespace embedd::console
