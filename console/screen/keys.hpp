#pragma once

#include "console/screen/model.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace embedd::console::screen {

struct Key {
    enum class Special : std::uint8_t { none, enter, escape, tab, back_tab, up, down, f1, f10 };

    char32_t character = 0; // controls too: Ctrl-C is 3
    Special special = Special::none;

    friend bool operator==(const Key&, const Key&) = default;
};

enum class Deed : std::uint8_t {
    help,
    rewarm,
    restart,
    reconnect,
    window,
    stage,
    stage_back,
    lower,
    pause,
    longer,
    shorter,
    zoom,
    events,
    export_snapshot,
    ascii,
    next_pane,
    previous_pane,
    up,
    down,
    back,
    redraw,
    suspend,
    close,
    quit
};

// The one table of keys: what they do, the row at the foot of the screen and the help are read from it.
struct Binding {
    Deed deed;             // the first of those it names
    std::string_view keys; // as they are named
    std::string_view row;  // in the row of keys; none: it stands in the help alone
    std::string_view what; // in the help
};
[[nodiscard]] std::span<const Binding> bindings() noexcept;

[[nodiscard]] std::optional<Deed> deed_of(const Key&) noexcept;

// Why it cannot be done now: "warming up", "read-only", "replay", "no link", "not permitted"; empty where it
// can.
[[nodiscard]] std::string why_not(const Model&, Deed);
[[nodiscard]] std::string why_not(const Model&, Action::Kind);

} // namespace embedd::console::screen
