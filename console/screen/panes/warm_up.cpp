#include "console/presentation/units.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>

namespace embedd::console::screen {

namespace {

std::string causes_of(const ipc::ColdHits& hits)
{
    constexpr std::size_t most = 6;
    std::string text = "cold hits";
    std::size_t named = 0;
    for (const auto& [cause, count] : hits.by_cause)
        if (count > 0 && named++ < most)
            text += ' ' + shown(cause, 12) + ' ' + short_count(count);
    return named == 0 ? text + " none" : text;
}

std::string idle_of(const ipc::IdleStatus& idle)
{
    auto text = shown(idle.mode, 12);
    if (idle.ticks > 0)
        text += ", " + short_count(idle.ticks) + " ticks";
    if (idle.cpu_fraction)
        text += ", " + percent(*idle.cpu_fraction) + " of a core";
    return text;
}

} // namespace

void draw_warm_up(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto& last = status->warmup.last;
    const auto& cold = status->warmup.cold_hits;
    draw_title(scene, canvas, "Warm-up",
               (last ? shown(last->result, 12) + " in " + span(last->duration_us) + ", first/control " +
                           format_ratio(last->ratio) + ", worst " + format_ratio(last->ratio_worst)
                     : shown(status->warmup.state, 12)) +
                   ", cold hits " + short_count(cold.total),
               Pane::warm_up);
    canvas.put(2, 1, causes_of(cold) + "  idle guard " + idle_of(status->warmup.idle));
    canvas.put(2, 2, "stage        task      rows  length   conc   first ms control ms  steady ms",
               Style::dim);
    if (!last) {
        canvas.put(2, 3, "no report yet", Style::dim);
        return;
    }
    const int room = canvas.height() - 3;
    const auto& cells = last->cells;
    const auto first = scrolled(scene, Pane::warm_up, cells.size(), room);
    for (int i = 0; i < room && first + static_cast<std::size_t>(i) < cells.size(); ++i) {
        const auto& cell = cells[first + static_cast<std::size_t>(i)];
        canvas.put(2, 3 + i,
                   at_left(shown(cell.stage, 12), 13) + at_left(shown(cell.task, 8), 8) +
                       column(short_count(cell.rows), 6) + column(short_count(cell.length), 8) +
                       column(short_count(cell.concurrency), 7) + column(milliseconds(cell.first_us), 11) +
                       column(milliseconds(cell.control_us), 11) + column(milliseconds(cell.steady_us), 11));
    }
}

} // namespace embedd::console::screen
