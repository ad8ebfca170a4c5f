#include "console/embed_console/terminal_traits.hpp"

#include <langinfo.h>

#include <clocale>
#include <cstdlib>

namespace embedd::console {

namespace {

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

} // namespace

TerminalTraits terminal_traits()
{
    std::setlocale(LC_CTYPE, "");
    return {.term = variable("TERM"),
            .codeset = ::nl_langinfo(CODESET),
            .no_color = !variable("NO_COLOR").empty()};
}

screen::GlyphSet glyphs_for(GlyphChoice choice, const TerminalTraits& traits) noexcept
{
    using screen::GlyphSet;
    switch (choice) {
    case GlyphChoice::ascii:
        return GlyphSet::ascii;
    case GlyphChoice::line:
        return GlyphSet::line;
    case GlyphChoice::block:
        return GlyphSet::block;
    case GlyphChoice::automatic:
        break;
    }
    if (traits.codeset != "UTF-8" || is_dumb(traits))
        return GlyphSet::ascii;
    return traits.term == "linux" ? GlyphSet::line : GlyphSet::block;
}

bool colours_for(ColourChoice choice, const TerminalTraits& traits) noexcept
{
    return choice == ColourChoice::always || (choice == ColourChoice::automatic && !traits.no_color);
}

bool is_dumb(const TerminalTraits& traits) noexcept
{
    return traits.term.empty() || traits.term == "dumb" || traits.term == "unknown";
}

} // namespace embedd::console
