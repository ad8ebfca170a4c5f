#include "console/presentation/units.hpp"
#include "console/presentation/warm_up_view.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>

namespace embedd::console::screen {

namespace {

// "idle guard auto, 37 ticks, 0.5% of a core; idle 20.0 ms 1.26x, 2.00 s 1.80x": after so long without
// requests one takes so many times as long.
std::string idle_of(const ipc::IdleStatus& idle)
{
    constexpr std::size_t most = 5;
    auto text = "idle guard " + shown(idle.mode, 12);
    if (idle.ticks > 0)
        text += ", " + short_count(idle.ticks) + " ticks";
    if (idle.cpu_fraction)
        text += ", " + small_percent(*idle.cpu_fraction) + " of a core";
    for (std::size_t i = 0; i < std::min(most, idle.cost.size()); ++i)
        text += (i == 0 ? "; idle " : ", ") + format_duration(std::optional{idle.cost[i].after_us}) + ' ' +
                format_ratio(idle.cost[i].ratio) + 'x';
    return text;
}

} // namespace

void draw_warm_up(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto& last = status->warmup.last;
    draw_title(scene, canvas, "Warm-up",
               (last ? shown(last->result, 12) + " in " + span(last->duration_us) + ", first/control " +
                           format_ratio(last->ratio) + ", worst " + format_ratio(last->ratio_worst)
                     : shown(status->warmup.state, 12)) +
                   ", cold hits " + short_count(status->warmup.cold_hits.total),
               Pane::warm_up);
    int y = 1;
    canvas.put(2, y++, at_left(idle_of(status->warmup.idle), std::max(0, canvas.width() - 3)));
    if (const auto& saved = status->warmup.cold_start)
        canvas.put(2, y++, describe(*saved), Style::warning);
    canvas.put(2, y++, "stage        task      rows  length   conc   first ms control ms  steady ms",
               Style::dim);
    if (!last) {
        canvas.put(2, y, "no report yet", Style::dim);
        return;
    }
    const int room = canvas.height() - y;
    const auto& cells = last->cells;
    const auto first = scrolled(scene, Pane::warm_up, cells.size(), room);
    for (int i = 0; i < room && first + static_cast<std::size_t>(i) < cells.size(); ++i) {
        const auto& cell = cells[first + static_cast<std::size_t>(i)];
        canvas.put(2, y + i,
                   at_left(shown(cell.stage, 12), 13) + at_left(shown(cell.task, 8), 8) +
                       column(short_count(cell.rows), 6) + column(short_count(cell.length), 8) +
                       column(short_count(cell.concurrency), 7) + column(milliseconds(cell.first_us), 11) +
                       column(milliseconds(cell.control_us), 11) + column(milliseconds(cell.steady_us), 11));
    }
}

} // namespace embedd::console::screen
