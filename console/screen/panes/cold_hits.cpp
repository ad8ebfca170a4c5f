#include "console/presentation/units.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

namespace embedd::console::screen {

namespace {

// "37: rung 30, slow 7".
std::string count_by_cause(const ipc::ColdHits& hits)
{
    constexpr std::size_t most = 6;
    auto text = short_count(hits.total);
    std::size_t named = 0;
    for (const auto& [cause, count] : hits.by_cause)
        if (count > 0 && named++ < most)
            text += (named == 1 ? ": " : ", ") + shown(cause, 12) + ' ' + short_count(count);
    return text;
}

std::string slowdown(const ipc::ColdHit& hit)
{
    if (!hit.took_us || !hit.expected_us || *hit.expected_us == 0)
        return "-";
    return format_ratio(static_cast<double>(*hit.took_us) / static_cast<double>(*hit.expected_us)) + 'x';
}

} // namespace

void draw_cold_hits(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto& hits = status->warmup.cold_hits;
    draw_title(scene, canvas, "Cold hits", count_by_cause(hits), Pane::cold_hits);
    if (hits.recent.empty()) {
        canvas.put(2, 1,
                   hits.total == 0 ? "none since READY: each batch found its shape warm" : "none is listed",
                   Style::dim);
        return;
    }
    canvas.put(2, 1, "       ago  cause     task        rows  length   took ms  expected   ratio",
               Style::dim);
    const int room = canvas.height() - 2;
    const auto first = scrolled(scene, Pane::cold_hits, hits.recent.size(), room);
    for (int i = 0; i < room && first + static_cast<std::size_t>(i) < hits.recent.size(); ++i) {
        const auto& hit = hits.recent[hits.recent.size() - 1 - first - static_cast<std::size_t>(i)];
        const int x = canvas.put(2, 2 + i, ago(*status, hit.mono_us), Style::dim);
        canvas.put(x + 2, 2 + i,
                   at_left(shown(hit.cause, 9), 10) + at_left(shown(hit.task, 9), 9) +
                       column(short_count(hit.rows), 7) + column(short_count(hit.length), 8) +
                       column(milliseconds(hit.took_us), 10) + column(milliseconds(hit.expected_us), 10) +
                       column(slowdown(hit), 8));
    }
}

} // namespace embedd::console::screen
