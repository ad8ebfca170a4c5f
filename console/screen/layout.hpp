#pragma once

#include "console/screen/grid.hpp"
#include "console/screen/model.hpp"

#include <optional>
#include <vector>

namespace embedd::console::screen {

// What there is to show, apart from how.
struct Wanted {
    bool known = false;     // a status came
    bool starting = false;  // phases instead of traffic
    bool operation = false; // what this console asked for
    int notices = 0;        // lines of why it is not as it should be
    int replicas = 0, phases = 0, cells = 0, cold_hits = 0, clients = 0, events = 0, operation_rows = 0;
    Pane lower = Pane::heatmap;
    std::optional<Pane> zoomed;
};
[[nodiscard]] Wanted wanted_of(const Model&);

struct Placed {
    Pane pane;
    Rect place;

    friend bool operator==(const Placed&, const Placed&) = default;
};

// Where each pane lies: none overlaps another, all lie within the size, the header comes first and is always
// there. What finds no room is left out: first the lower panes, then rows of the others.
[[nodiscard]] std::vector<Placed> layout(Size, const Wanted&);

// Below this the screen is three lines.
inline constexpr Size least_for_panes{60, 12};

} // namespace embedd::console::screen
