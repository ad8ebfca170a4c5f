#include "console/embed_console/terminal.hpp"

#include "console/embed_console/key_codes.hpp"

#define NCURSES_NOMACROS
#include <curses.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

namespace embedd::console {

namespace {

using screen::Style;

// Styles in their order: what each is without colour, and with 8 or 256 of them.
struct Look {
    attr_t attributes;
    short of_8, of_256; // -1: the terminal's own
};
constexpr std::array<Look, 8> looks{{
    {A_NORMAL, -1, -1},
    {A_DIM, -1, -1},
    {A_BOLD, -1, -1},
    {A_NORMAL, COLOR_GREEN, 71},
    {A_BOLD, COLOR_YELLOW, 178},
    {A_BOLD, COLOR_RED, 203},
    {A_REVERSE, -1, -1},
    {A_BOLD, COLOR_CYAN, 110},
}};

short pair_of(Style style)
{
    return static_cast<short>(static_cast<short>(style) + 1);
}

// Ends that no destructor sees: an exit inside of curses, which has no memory for a larger window, and an
// exception that nobody caught.
void give_back_at_any_end()
{
    static const auto report = std::get_terminate();
    std::set_terminate([] {
        endwin();
        report();
    });
    std::atexit([] { endwin(); });
}

void define_pairs()
{
    start_color();
    use_default_colors();
    for (std::size_t style = 0; style < looks.size(); ++style)
        init_pair(pair_of(static_cast<Style>(style)), COLORS >= 256 ? looks[style].of_256 : looks[style].of_8,
                  -1);
}

} // namespace

class Terminal::Curses {
public:
    explicit Curses(bool colours)
    {
        set_escdelay(25); // a lone Escape is a key too
        terminal_ = newterm(nullptr, stdout, stdin);
        if (!terminal_)
            throw UnknownTerminal{};
        give_back_at_any_end();
        colours_ = colours && has_colors();
        if (colours_)
            define_pairs();
        take();
        fit();
    }
    ~Curses()
    {
        endwin();
        delscreen(terminal_);
    }
    Curses(const Curses&) = delete;
    Curses& operator=(const Curses&) = delete;

    [[nodiscard]] static screen::Size size() { return {.width = getmaxx(stdscr), .height = getmaxy(stdscr)}; }

    void take()
    {
        raw(); // Ctrl-C and Ctrl-Z are keys
        noecho();
        nonl();
        keypad(stdscr, true);
        nodelay(stdscr, true);
        curs_set(0);
        redraw();
    }

    void redraw()
    {
        shown_.reset();
        clearok(curscr, true);
    }

    void fit()
    {
        winsize now{};
        if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) != 0)
            return;
        resizeterm(std::max<int>(now.ws_row, 1), std::max<int>(now.ws_col, 1));
        redraw();
    }

    void draw(const screen::Grid& grid)
    {
        const bool all = !shown_ || shown_->size() != grid.size();
        for (int y = 0; y < grid.size().height; ++y)
            for (int x = 0; x < grid.size().width; ++x)
                if (all || shown_->at(x, y) != grid.at(x, y))
                    put(x, y, grid.at(x, y));
        wnoutrefresh(stdscr);
        doupdate();
        shown_ = grid;
    }

private:
    void put(int x, int y, const screen::Cell& cell) const
    {
        const std::array<wchar_t, 2> text{static_cast<wchar_t>(cell.glyph), L'\0'};
        const auto& look = looks[static_cast<std::size_t>(cell.style)];
        cchar_t drawn;
        setcchar(&drawn, text.data(), look.attributes, colours_ ? pair_of(cell.style) : short{0}, nullptr);
        mvadd_wchnstr(y, x, &drawn, 1);
    }

    SCREEN* terminal_ = nullptr;
    bool colours_ = false;
    std::optional<screen::Grid> shown_;
};

Terminal::Terminal(bool colours) : curses_(std::make_unique<Curses>(colours)) {}
Terminal::~Terminal() = default;

screen::Size Terminal::size() const
{
    return Curses::size();
}

void Terminal::draw(const screen::Grid& grid)
{
    curses_->draw(grid);
}

void Terminal::redraw()
{
    curses_->redraw();
}

void Terminal::fit()
{
    curses_->fit();
}

std::vector<screen::Key> Terminal::keys()
{
    std::vector<screen::Key> pressed;
    wint_t read = 0;
    for (int kind = get_wch(&read); kind != ERR; kind = get_wch(&read))
        if (const auto key = kind == KEY_CODE_YES ? key_of_code(read) : key_of_character(read))
            pressed.push_back(*key);
    return pressed;
}

void Terminal::give_back()
{
    endwin();
}

void Terminal::retake()
{
    curses_->take();
    curses_->fit();
}

} // namespace embedd::console
