#include "console/embed_console/terminal_traits.hpp"

#include <gtest/gtest.h>

namespace embedd::console {
namespace {

using screen::GlyphSet;

const TerminalTraits utf8{.term = "xterm-256color", .codeset = "UTF-8"};

TEST(TerminalTraits, GlyphsAreWhatLocaleAndTerminalCanShow)
{
    const auto automatic = [](const TerminalTraits& traits) {
        return glyphs_for(GlyphChoice::automatic, traits);
    };
    EXPECT_EQ(automatic(utf8), GlyphSet::block);
    EXPECT_EQ(automatic({.term = "linux", .codeset = "UTF-8"}), GlyphSet::line);
    EXPECT_EQ(automatic({.term = "xterm", .codeset = "ANSI_X3.4-1968"}), GlyphSet::ascii);
    EXPECT_EQ(automatic({.term = "xterm", .codeset = "ISO-8859-1"}), GlyphSet::ascii);
    EXPECT_EQ(automatic({.term = "dumb", .codeset = "UTF-8"}), GlyphSet::ascii);
}

TEST(TerminalTraits, AChoiceOfGlyphsIsObeyed)
{
    EXPECT_EQ(glyphs_for(GlyphChoice::ascii, utf8), GlyphSet::ascii);
    EXPECT_EQ(glyphs_for(GlyphChoice::line, utf8), GlyphSet::line);
    EXPECT_EQ(glyphs_for(GlyphChoice::block, {.term = "xterm", .codeset = "C"}), GlyphSet::block);
}

TEST(TerminalTraits, NoColorHoldsUnlessColourIsAskedFor)
{
    auto without = utf8;
    without.no_color = true;
    EXPECT_TRUE(colours_for(ColourChoice::automatic, utf8));
    EXPECT_FALSE(colours_for(ColourChoice::automatic, without));
    EXPECT_TRUE(colours_for(ColourChoice::always, without));
    EXPECT_FALSE(colours_for(ColourChoice::never, utf8));
}

TEST(TerminalTraits, ATerminalWithoutANameIsDumb)
{
    EXPECT_TRUE(is_dumb({}));
    EXPECT_TRUE(is_dumb({.term = "dumb"}));
    EXPECT_FALSE(is_dumb(utf8));
}

} // namespace
} // namespace embedd::console
