#include "console/presentation/operating_view.hpp"
#include "console/presentation/units.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace embedd::console::screen {

namespace {

std::string change(std::optional<std::uint64_t> before, std::optional<std::uint64_t> after)
{
    if (!before || !after || *before == 0)
        return "-";
    const auto ratio = static_cast<double>(*after) / static_cast<double>(*before) - 1;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%+.1f%%", std::clamp(ratio * 100, -100.0, 99'999.0));
    return text.data();
}

// Times of the same shapes before and after: what a first request pays less.
void draw_report(const Canvas& canvas, int y, const ipc::WarmUpReport& report)
{
    canvas.put(2, y++, "stage        task      rows  length     before      after     change", Style::dim);
    for (const auto& cell : report.cells) {
        if (y >= canvas.height())
            return;
        canvas.put(2, y++,
                   at_left(shown(cell.stage, 12), 13) + at_left(shown(cell.task, 8), 8) +
                       column(short_count(cell.rows), 6) + column(short_count(cell.length), 8) +
                       column(milliseconds(cell.first_us), 11) + column(milliseconds(cell.steady_us), 11) +
                       column(change(cell.first_us, cell.steady_us), 11));
    }
}

void draw_progress(const Scene& scene, const Canvas& canvas, int y, const ipc::Progress& progress)
{
    constexpr int begin = 46;
    canvas.put(2, y, at_left(describe(progress), begin - 3));
    draw_bar(scene, canvas, begin, y, std::min(60, canvas.width() - begin - 1), percent_of(progress) / 100.0,
             Style::good);
}

} // namespace

void draw_operation(const Scene& scene, const Canvas& canvas)
{
    if (!scene.model.operation)
        return;
    const auto& operation = *scene.model.operation;
    const bool rewarms = operation.action.kind == Action::Kind::rewarm;
    const auto end = operation.ended_us.value_or(scene.model.now_us);
    const auto time = span(elapsed(operation.started_us, end));
    draw_title(scene, canvas,
               rewarms ? "Re-warm" : "Restart of replica " + std::to_string(operation.action.replica),
               operation.ended_us ? "took " + time + ", Esc closes"
                                  : time + (rewarms ? ", Esc ends it (asks)" : ""));
    int y = 1;
    if (operation.ended_us)
        canvas.put(2, y++, shown(operation.result, std::max(0, canvas.width() - 3)), Style::bold);
    else if (operation.progress.empty())
        canvas.put(2, y++, "asked, no step yet", Style::dim);
    for (const auto& [replica, progress] : operation.progress)
        if (y < canvas.height())
            draw_progress(scene, canvas, y++, progress);
    if (operation.report && y < canvas.height())
        draw_report(canvas, y, *operation.report);
}

} // namespace embedd::console::screen
