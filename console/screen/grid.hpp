#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The operator's screen as values: no terminal, no socket, no clock. The program that has those feeds events
// to update() and copies what render() drew to its terminal.
namespace embedd::console::screen {

// What a cell means; the terminal decides how that looks.
enum class Style : std::uint8_t { normal, dim, bold, good, warning, bad, selected, title };

// One column of the terminal.
struct Cell {
    char32_t glyph = U' ';
    Style style = Style::normal;

    friend bool operator==(const Cell&, const Cell&) = default;
};

struct Size {
    int width = 0, height = 0;

    friend bool operator==(const Size&, const Size&) = default;
};

struct Rect {
    int x = 0, y = 0, width = 0, height = 0;

    friend bool operator==(const Rect&, const Rect&) = default;
};

enum class Repertoire : std::uint8_t { ascii, unicode };

// A picture. Holds nothing but characters of one column that are not controls: whatever else is written, and
// in ASCII whatever is not ASCII, becomes its nearest sign or '?'.
class Grid {
public:
    static constexpr int longest_side = 1000;

    Grid(Size, Repertoire); // sides are cut to 0 .. longest_side

    [[nodiscard]] Size size() const noexcept { return size_; }
    [[nodiscard]] Cell at(int x, int y) const noexcept; // an empty cell outside
    void set(int x, int y, Cell) noexcept;              // nothing outside
    void dim() noexcept;                                // all that is drawn

    // UTF-8, without the spaces at the end of a line.
    [[nodiscard]] std::string row(int y) const;
    [[nodiscard]] std::string text() const; // each row ends in a newline

    friend bool operator==(const Grid&, const Grid&) = default;

private:
    Size size_;
    Repertoire repertoire_;
    std::vector<Cell> cells_;
};

// A window on a grid: (0, 0) is its upper left corner, and what lies outside of it is not drawn.
class Canvas {
public:
    Canvas(Grid& grid, Rect place) : grid_(&grid), place_(place) {}

    [[nodiscard]] int width() const noexcept { return place_.width; }
    [[nodiscard]] int height() const noexcept { return place_.height; }

    void set(int x, int y, char32_t glyph, Style = Style::normal) const noexcept;
    // Both return the column after the text, drawn or not.
    int put(int x, int y, std::string_view text, Style = Style::normal) const;
    int put(int x, int y, std::u32string_view text, Style = Style::normal) const noexcept;
    void put_right(int end, int y, std::string_view text, Style = Style::normal) const; // ends before `end`
    void clear() const noexcept;

private:
    Grid* grid_;
    Rect place_;
};

// The characters of UTF-8; '?' for each byte that is none.
[[nodiscard]] std::u32string decoded(std::string_view text);
[[nodiscard]] int columns_of(std::string_view text) noexcept;

} // namespace embedd::console::screen
