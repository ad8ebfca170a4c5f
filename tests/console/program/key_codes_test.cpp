#include "console/embed_console/key_codes.hpp"

#include <gtest/gtest.h>

#define NCURSES_NOMACROS
#include <curses.h>

namespace embedd::console {
namespace {

using screen::Deed;
using Special = screen::Key::Special;

TEST(KeyCodes, CharactersAreThemselves)
{
    EXPECT_EQ(key_of_character(L'w'), screen::Key{.character = U'w'});
    EXPECT_EQ(key_of_character(L'é'), screen::Key{.character = U'é'});
    EXPECT_EQ(key_of_character(3), screen::Key{.character = U'\x03'});
}

TEST(KeyCodes, ControlsWithANameHaveIt)
{
    EXPECT_EQ(key_of_character(L'\r'), screen::Key{.special = Special::enter});
    EXPECT_EQ(key_of_character(L'\n'), screen::Key{.special = Special::enter});
    EXPECT_EQ(key_of_character(L'\t'), screen::Key{.special = Special::tab});
    EXPECT_EQ(key_of_character(L'\x1B'), screen::Key{.special = Special::escape});
}

TEST(KeyCodes, KeysWithoutACharacterAreKnownOrNothing)
{
    EXPECT_EQ(key_of_code(KEY_UP), screen::Key{.special = Special::up});
    EXPECT_EQ(key_of_code(KEY_BTAB), screen::Key{.special = Special::back_tab});
    EXPECT_EQ(key_of_code(KEY_F(10)), screen::Key{.special = Special::f10});
    EXPECT_EQ(key_of_code(KEY_RESIZE), std::nullopt);
    EXPECT_EQ(key_of_code(KEY_MOUSE), std::nullopt);
    EXPECT_EQ(key_of_character(WEOF), std::nullopt);
}

TEST(KeyCodes, ReachTheDeedsOfTheScreen)
{
    EXPECT_EQ(screen::deed_of(*key_of_character(3)), Deed::quit);
    EXPECT_EQ(screen::deed_of(*key_of_character(0x1A)), Deed::suspend);
    EXPECT_EQ(screen::deed_of(*key_of_code(KEY_F(1))), Deed::help);
}

} // namespace
} // namespace embedd::console
