#include "console/embed_console/key_codes.hpp"

#define NCURSES_NOMACROS
#include <curses.h>

namespace embedd::console {

namespace {

using Special = screen::Key::Special;

screen::Key of(Special special)
{
    return {.special = special};
}

} // namespace

std::optional<screen::Key> key_of_character(wint_t character) noexcept
{
    switch (character) {
    case L'\r':
    case L'\n':
        return of(Special::enter);
    case L'\t':
        return of(Special::tab);
    case L'\x1B':
        return of(Special::escape);
    case WEOF:
        return std::nullopt;
    default:
        return screen::Key{.character = static_cast<char32_t>(character)};
    }
}

std::optional<screen::Key> key_of_code(wint_t code) noexcept
{
    switch (code) {
    case KEY_ENTER:
        return of(Special::enter);
    case KEY_BTAB:
        return of(Special::back_tab);
    case KEY_UP:
        return of(Special::up);
    case KEY_DOWN:
        return of(Special::down);
    case KEY_F(1):
        return of(Special::f1);
    case KEY_F(10):
        return of(Special::f10);
    default:
        return std::nullopt;
    }
}

} // namespace embedd::console
