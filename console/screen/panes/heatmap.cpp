#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>

namespace embedd::console::screen {

namespace {

// The classes of samples that have answers, first to last, cut to the room from both ends.
struct Heat {
    std::vector<std::vector<double>> columns; // of classes; none: not known
    std::size_t low = 0, high = 0;            // classes shown
    bool below = false, above = false;        // the ends stand for those beyond them too
    bool any = false;                         // was answered
};

Heat heat_of(const std::vector<Second>& seconds, const std::string& stage, std::size_t room)
{
    Heat heat;
    std::vector<double> sums(ipc::Sample::classes, 0);
    for (const auto& second : seconds) {
        auto& column = heat.columns.emplace_back();
        if (!second.known())
            continue;
        column.assign(ipc::Sample::classes, 0);
        const auto after = second.after->latency.find(stage);
        if (after == second.after->latency.end())
            continue;
        const auto before = second.before->latency.find(stage);
        for (std::size_t i = 0; i < std::min(column.size(), after->second.size()); ++i) {
            const bool known = before != second.before->latency.end() && i < before->second.size();
            column[i] = static_cast<double>(grown(known ? before->second[i] : 0, after->second[i]));
            sums[i] += column[i];
            heat.any = heat.any || column[i] > 0;
        }
    }
    heat.high = ipc::Sample::classes - 1;
    while (heat.high > 0 && sums[heat.high] <= 0)
        --heat.high;
    while (heat.low < heat.high && sums[heat.low] <= 0)
        ++heat.low;
    // A row each; where there are fewer rows, the ends take those beyond them, the rarer end first.
    while (heat.high - heat.low + 1 > room) {
        if (sums[heat.low] <= sums[heat.high]) {
            sums[heat.low + 1] += sums[heat.low];
            ++heat.low;
            heat.below = true;
        } else {
            sums[heat.high - 1] += sums[heat.high];
            --heat.high;
            heat.above = true;
        }
    }
    return heat;
}

std::string bound_name(std::size_t index)
{
    const auto bound = ipc::Sample::first_bound_us << index;
    return bound < 1000 ? "." + std::to_string(bound) : std::to_string(bound / 1000);
}

// By the bound its answers do not exceed, or that those of the uppermost row do.
std::string row_name(const Heat& heat, std::size_t index)
{
    const bool above = index == heat.high && (heat.above || index + 1 == ipc::Sample::classes);
    if (above && index > 0)
        return '>' + bound_name(index - 1);
    return (index == heat.low && heat.below ? "<" : "") + bound_name(index);
}

} // namespace

void draw_heatmap(const Scene& scene, const Canvas& canvas)
{
    const auto& stage = scene.model.view.stage;
    draw_title(scene, canvas, "Heatmap " + stage + ", ms",
               scene.old ? "blank columns: no data, not zero" : "1 column = 1 s, newest right",
               Pane::heatmap);
    constexpr int begin = 7;
    const int rows = canvas.height() - 1;
    const int columns = canvas.width() - begin - 1;
    if (rows < 1 || columns < 1)
        return;
    const auto heat = heat_of(seconds_drawn(scene, columns), stage, static_cast<std::size_t>(rows));
    const auto used = static_cast<int>(heat.high - heat.low) + 1;
    for (int i = 0; i < used && heat.any; ++i) {
        const auto index = heat.high - static_cast<std::size_t>(i);
        canvas.put(0, 1 + i, at_right(row_name(heat, index), begin - 1), Style::dim);
    }
    for (int x = 0; x < columns; ++x) {
        const auto& counts = heat.columns[static_cast<std::size_t>(x)];
        if (counts.empty())
            continue;
        std::vector<double> cells(static_cast<std::size_t>(used), 0);
        double all = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            cells[std::clamp(i, heat.low, heat.high) - heat.low] += counts[i];
            all += counts[i];
        }
        if (all <= 0)
            canvas.set(begin + x, used, scene.glyphs.levels.front(), Style::dim);
        for (int i = 0; i < used && all > 0; ++i)
            if (const auto count = cells[static_cast<std::size_t>(used - 1 - i)]; count > 0)
                canvas.set(begin + x, 1 + i, shade_of(scene, count / all));
    }
}

} // namespace embedd::console::screen
