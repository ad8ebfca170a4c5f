#include "ipc/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace embedd::ipc {

namespace {

// Length in bytes of the UTF-8 character at the front; 0 when there is none.
std::size_t utf8_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80)
            return 0;
    // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
        (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F))
        return 0;
    return length;
}

// Of those, how many a terminal may be given as they are. Controls, also U+0080 to U+009F, begin escape
// sequences.
std::size_t harmless_bytes(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x20 || lead == 0x7F)
        return 0;
    const auto length = utf8_length(text);
    return length == 2 && lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0 ? 0 : length;
}

} // namespace

std::string printable(std::string_view text)
{
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        const auto length = harmless_bytes(text);
        if (length == 0) {
            std::array<char, 8> mark{};
            std::snprintf(mark.data(), mark.size(), "\\x%02X",
                          static_cast<unsigned>(static_cast<unsigned char>(text[0])));
            shown += mark.data();
        } else {
            shown += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return shown;
}

} // namespace embedd::ipc
