#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace embedd::console::screen {

namespace {

constexpr int figure_width = 7;
constexpr int figures_width = figure_width * (static_cast<int>(percentiles.size()) + 1);

// Everything on one axis that never moves: 0.1 ms to 1 s, a decade as wide as the next.
constexpr double axis_from_us = 100;
constexpr double decades = 4;

int column_of(double us, int width)
{
    const auto place = std::log10(std::max(us, axis_from_us) / axis_from_us) / decades;
    return std::clamp(static_cast<int>(place * width), 0, width - 1);
}

std::string figures_of(const Distribution& distribution)
{
    std::string text;
    for (const auto& percentile : percentiles)
        text += column(milliseconds(distribution.quantile_us(percentile.quantile)), figure_width);
    const auto max = distribution.max();
    if (!max)
        return text + column("-", figure_width);
    return text + column((max->recorded ? "" : "<") + milliseconds(max->us), figure_width);
}

void draw_spectrum(const Scene& scene, const Canvas& canvas, int x, int y, int width,
                   const Distribution& distribution)
{
    if (width < 5)
        return;
    std::vector<double> columns(static_cast<std::size_t>(width), 0);
    for (const auto& bucket : distribution.buckets())
        columns[static_cast<std::size_t>(column_of(static_cast<double>(bucket.upper_us), width))] +=
            static_cast<double>(bucket.count);
    const auto most = *std::max_element(columns.begin(), columns.end());
    for (int i = 0; i < width; ++i)
        if (const auto count = columns[static_cast<std::size_t>(i)]; count > 0)
            canvas.set(x + i, y, shade_of(scene, count / most));
}

void draw_axis(const Canvas& canvas, int x, int y, int width)
{
    if (width < 20)
        return;
    constexpr std::array<std::pair<double, std::string_view>, 5> ticks{
        {{1e2, ".1ms"}, {1e3, "1"}, {1e4, "10"}, {1e5, "100"}, {1e6, "1s"}}};
    for (const auto& [us, name] : ticks)
        canvas.put(x + std::min(column_of(us, width), width - columns_of(name)), y, name, Style::dim);
}

std::string head()
{
    std::string text;
    for (const auto& percentile : percentiles)
        text += at_right(percentile.name, figure_width);
    return text + at_right("max", figure_width);
}

// A column of percentiles for each window, and the spectrum of the first.
void draw_stages(const Scene& scene, const Canvas& canvas, const std::vector<Window>& windows)
{
    constexpr int name_width = 12;
    const int spectrum_x = name_width + static_cast<int>(windows.size()) * (figures_width + 2);
    const int spectrum_width = canvas.width() - spectrum_x - 1;
    int x = name_width;
    for (std::size_t i = 0; i < windows.size(); ++i, x += figures_width + 2)
        canvas.put(x, 1, head(), Style::dim);
    canvas.put(2, 1, "stage", Style::dim);
    draw_axis(canvas, spectrum_x, 1, spectrum_width);
    // Where not all find room, the whole is the last to go.
    const auto& names = stage_names();
    const auto room = static_cast<std::size_t>(std::max(0, canvas.height() - 2));
    auto first = names.size() - std::min(names.size(), room);
    for (int y = 2; first < names.size(); ++first, ++y) {
        const auto& stage = names[first];
        canvas.put(2, y, stage, stage == scene.model.view.stage ? Style::bold : Style::normal);
        x = name_width;
        for (const auto window : windows) {
            canvas.put(x, y, figures_of(within(scene.record, window, stage)));
            x += figures_width + 2;
        }
        draw_spectrum(scene, canvas, spectrum_x, y, spectrum_width,
                      within(scene.record, windows.front(), stage));
    }
}

} // namespace

void draw_latency(const Scene& scene, const Canvas& canvas)
{
    const auto window = scene.model.view.window;
    constexpr int both_from = 110;
    const auto n = within(scene.record, window, "total").count();
    auto right = window_name(scene, window) + ", n " + short_count(n);
    if (canvas.width() < both_from || window == Window::since_warm_up) {
        draw_title(scene, canvas, "Latency ms", right, Pane::latency);
        draw_stages(scene, canvas, {window});
        constexpr int row = 7;
        if (canvas.height() <= row || window == Window::since_warm_up)
            return;
        const auto since = within(scene.record, Window::since_warm_up, "total");
        canvas.put(2, row, "total", Style::dim);
        const int x = canvas.put(12, row, figures_of(since), Style::dim);
        canvas.put(x + 2, row,
                   window_name(scene, Window::since_warm_up) + ", n " + short_count(since.count()),
                   Style::dim);
        return;
    }
    right += "   and " + window_name(scene, Window::since_warm_up) + ", n " +
             short_count(within(scene.record, Window::since_warm_up, "total").count());
    draw_title(scene, canvas, "Latency by stage, ms", right, Pane::latency);
    draw_stages(scene, canvas, {window, Window::since_warm_up});
}

} // namespace embedd::console::screen
