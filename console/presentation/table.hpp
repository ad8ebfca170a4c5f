#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::console {

// The text, filled with spaces to a width. A character counts as one column: what we show holds no wide ones.
[[nodiscard]] std::string padded(std::string text, std::size_t width);

// Columns as wide as their widest text, two spaces apart.
class Table {
public:
    enum class Align : std::uint8_t { left, right };
    struct Column {
        std::string_view title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns);

    void add(std::vector<std::string> row); // a text a column
    [[nodiscard]] bool empty() const noexcept { return rows_.size() == 1; }

    // The titles and a line a row. No line ends in a space, each ends in a newline.
    [[nodiscard]] std::string text() const;

private:
    std::vector<Align> alignments_;
    std::vector<std::vector<std::string>> rows_; // the titles first
};

} // namespace embedd::console
