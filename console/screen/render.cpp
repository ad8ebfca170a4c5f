#include "console/screen/render.hpp"

#include "console/screen/layout.hpp"
#include "console/screen/panes/scene.hpp"

namespace embedd::console::screen {

namespace {

void draw(Pane pane, const Scene& scene, const Canvas& canvas)
{
    switch (pane) {
    case Pane::header:
        return draw_header(scene, canvas);
    case Pane::notice:
        return draw_notice(scene, canvas);
    case Pane::summary:
        return draw_summary(scene, canvas);
    case Pane::throughput:
        return draw_throughput(scene, canvas);
    case Pane::memory:
        return draw_memory(scene, canvas);
    case Pane::operation:
        return draw_operation(scene, canvas);
    case Pane::replicas:
        return draw_replicas(scene, canvas);
    case Pane::phases:
        return draw_phases(scene, canvas);
    case Pane::warm_up:
        return draw_warm_up(scene, canvas);
    case Pane::latency:
        return draw_latency(scene, canvas);
    case Pane::histogram:
        return draw_histogram(scene, canvas);
    case Pane::heatmap:
        return draw_heatmap(scene, canvas);
    case Pane::cold_hits:
        return draw_cold_hits(scene, canvas);
    case Pane::clients:
        return draw_clients(scene, canvas);
    case Pane::events:
        return draw_events(scene, canvas);
    case Pane::keys:
        return draw_keys(scene, canvas);
    }
}

bool stays_bright(Pane pane)
{
    return pane == Pane::header || pane == Pane::notice || pane == Pane::keys || pane == Pane::operation;
}

} // namespace

Grid render(const Model& model, Size size, GlyphSet set)
{
    const auto& signs = glyphs(model.view.ascii ? GlyphSet::ascii : set);
    Grid grid{size, signs.repertoire};
    const Scene scene{.model = model, .record = model.drawn(), .glyphs = signs, .old = is_old(model)};
    const auto panes = layout(grid.size(), wanted_of(model));
    // What is not the present is drawn first and dimmed as a whole.
    for (const bool bright : {false, true}) {
        for (const auto& [pane, place] : panes)
            if (stays_bright(pane) == bright)
                draw(pane, scene, Canvas{grid, place});
        if (!bright && scene.old)
            grid.dim();
    }
    draw_dialog(scene, grid);
    draw_help(scene, grid);
    return grid;
}

} // namespace embedd::console::screen
