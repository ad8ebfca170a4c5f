#include "console/screen/grid.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace embedd::console::screen {

namespace {

// What every terminal shows in one column: others may be wide, have no width, or turn the direction of a
// line.
constexpr std::array<std::pair<char32_t, char32_t>, 12> one_column{{{0x20, 0x7E},
                                                                    {0xA1, 0xAC},
                                                                    {0xAE, 0x24F},
                                                                    {0x391, 0x3C9},
                                                                    {0x401, 0x45F},
                                                                    {0x2010, 0x2027},
                                                                    {0x2030, 0x203A},
                                                                    {0x2190, 0x2195},
                                                                    {0x2260, 0x2265},
                                                                    {0x2500, 0x25CF},
                                                                    {0x25D0, 0x25D3},
                                                                    {0x2713, 0x2718}}};

constexpr std::array<std::pair<char32_t, char32_t>, 12> in_ascii{{{U'µ', U'u'},
                                                                  {U'–', U'-'},
                                                                  {U'—', U'-'},
                                                                  {U'÷', U'/'},
                                                                  {U'·', U'.'},
                                                                  {U'…', U'~'},
                                                                  {U'×', U'x'},
                                                                  {U'→', U'>'},
                                                                  {U'‘', U'\''},
                                                                  {U'’', U'\''},
                                                                  {U'“', U'"'},
                                                                  {U'”', U'"'}}};

char32_t drawable(char32_t glyph, Repertoire repertoire) noexcept
{
    const bool fits = std::any_of(one_column.begin(), one_column.end(), [&](const auto& range) {
        return glyph >= range.first && glyph <= range.second;
    });
    if (!fits)
        return U'?';
    if (repertoire == Repertoire::unicode || glyph < 0x80)
        return glyph;
    const auto* found =
        std::find_if(in_ascii.begin(), in_ascii.end(), [&](const auto& sign) { return sign.first == glyph; });
    return found == in_ascii.end() ? U'?' : found->second;
}

void append_utf8(std::string& out, char32_t glyph)
{
    const auto byte = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (glyph < 0x80) {
        byte(glyph);
    } else if (glyph < 0x800) {
        byte(0xC0 | glyph >> 6);
        byte(0x80 | (glyph & 0x3F));
    } else {
        byte(0xE0 | glyph >> 12);
        byte(0x80 | (glyph >> 6 & 0x3F));
        byte(0x80 | (glyph & 0x3F));
    }
}

} // namespace

Grid::Grid(Size size, Repertoire repertoire)
    : size_{std::clamp(size.width, 0, longest_side), std::clamp(size.height, 0, longest_side)},
      repertoire_(repertoire),
      cells_(static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height))
{
}

Cell Grid::at(int x, int y) const noexcept
{
    if (x < 0 || y < 0 || x >= size_.width || y >= size_.height)
        return {};
    return cells_[static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) +
                  static_cast<std::size_t>(x)];
}

void Grid::set(int x, int y, Cell cell) noexcept
{
    if (x < 0 || y < 0 || x >= size_.width || y >= size_.height)
        return;
    cell.glyph = drawable(cell.glyph, repertoire_);
    cells_[static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) +
           static_cast<std::size_t>(x)] = cell;
}

void Grid::dim() noexcept
{
    for (auto& cell : cells_)
        cell.style = Style::dim;
}

std::string Grid::row(int y) const
{
    std::string out;
    for (int x = 0; x < size_.width; ++x)
        append_utf8(out, at(x, y).glyph);
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

std::string Grid::text() const
{
    std::string out;
    for (int y = 0; y < size_.height; ++y)
        out += row(y) + '\n';
    return out;
}

void Canvas::set(int x, int y, char32_t glyph, Style style) const noexcept
{
    if (x >= 0 && y >= 0 && x < place_.width && y < place_.height)
        grid_->set(place_.x + x, place_.y + y, {glyph, style});
}

int Canvas::put(int x, int y, std::string_view text, Style style) const
{
    return put(x, y, decoded(text), style);
}

int Canvas::put(int x, int y, std::u32string_view text, Style style) const noexcept
{
    for (const auto glyph : text)
        set(x++, y, glyph, style);
    return x;
}

void Canvas::put_right(int end, int y, std::string_view text, Style style) const
{
    put(end - columns_of(text), y, text, style);
}

void Canvas::clear() const noexcept
{
    for (int y = 0; y < place_.height; ++y)
        for (int x = 0; x < place_.width; ++x)
            set(x, y, U' ');
}

std::u32string decoded(std::string_view text)
{
    std::u32string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t glyph = length < 2    ? lead
                         : length == 2 ? lead & 0x1F
                         : length == 3 ? lead & 0x0F
                                       : lead & 0x07;
        std::size_t read = 1;
        while (read < length && i + read < text.size() &&
               (static_cast<unsigned char>(text[i + read]) & 0xC0) == 0x80)
            glyph = glyph << 6 | (static_cast<unsigned char>(text[i + read++]) & 0x3F);
        const bool whole = length > 0 && read == length;
        out += whole ? glyph : U'?';
        i += whole ? length : 1;
    }
    return out;
}

int columns_of(std::string_view text) noexcept
{
    return static_cast<int>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace embedd::console::screen
