#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace embedd::console::screen {

namespace {

constexpr std::array quantiles{0.5, 0.9, 0.99, 0.999};
constexpr int figure_width = 7;
constexpr int figures_width = figure_width * 5;

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
    for (const auto q : quantiles)
        text += column(milliseconds(distribution.quantile_us(q)), figure_width);
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
    const auto steps = scene.glyphs.shades.size();
    for (int i = 0; i < width; ++i) {
        const auto count = columns[static_cast<std::size_t>(i)];
        if (count <= 0)
            continue;
        const auto level = static_cast<std::size_t>(std::ceil(count / most * static_cast<double>(steps)));
        canvas.set(x + i, y, scene.glyphs.shades[std::clamp<std::size_t>(level, 1, steps) - 1]);
    }
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
    return at_right("p50", figure_width) + at_right("p90", figure_width) + at_right("p99", figure_width) +
           at_right("p99.9", figure_width) + at_right("max", figure_width);
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

// Pieces of octaves: few enough for the room, and no finer than a quarter.
struct Class {
    double from_us = 0, to_us = 0, count = 0;
};

std::vector<Class> classes_of(const Distribution& distribution, std::size_t room)
{
    for (int pieces = 4; pieces >= 1; pieces /= 2) {
        std::vector<Class> classes;
        const auto bound = [&](int at) {
            const auto octave = std::floor(static_cast<double>(at) / pieces);
            return std::exp2(octave) * (1 + (at - octave * pieces) / pieces);
        };
        int at = 0;
        for (const auto& bucket : distribution.buckets()) {
            const auto us = static_cast<double>(bucket.upper_us);
            while (bound(at + 1) <= us) {
                ++at;
                if (!classes.empty())
                    classes.push_back({bound(at), bound(at + 1)});
            }
            if (classes.empty())
                classes.push_back({bound(at), bound(at + 1)});
            classes.back().count += static_cast<double>(bucket.count);
        }
        if (classes.size() <= room)
            return classes;
        if (pieces == 1) { // the slowest are one class
            for (auto i = classes.size() - 1; i >= room; --i) {
                classes[room - 1].count += classes[i].count;
                classes[room - 1].to_us = std::max(classes[room - 1].to_us, classes[i].to_us);
            }
            classes.resize(room);
            return classes;
        }
    }
    return {};
}

std::string marks_in(const Class& range, const Distribution& distribution)
{
    constexpr std::array<std::string_view, 4> names{"p50", "p90", "p99", "p99.9"};
    const auto inside = [&](std::uint64_t us) {
        return static_cast<double>(us) >= range.from_us && static_cast<double>(us) < range.to_us;
    };
    std::string text;
    for (std::size_t i = 0; i < quantiles.size(); ++i)
        if (const auto us = distribution.quantile_us(quantiles[i]); us && inside(*us))
            text += std::string{"  "} + std::string{names[i]} + ' ' + milliseconds(us);
    if (const auto max = distribution.max(); max && max->recorded && inside(max->us))
        text += "  max " + milliseconds(max->us);
    return text;
}

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

void draw_histogram(const Scene& scene, const Canvas& canvas)
{
    const auto& view = scene.model.view;
    const auto distribution = within(scene.record, view.window, view.stage);
    draw_title(scene, canvas, "Histogram " + view.stage + ", ms",
               window_name(scene, view.window) + ", n " + short_count(distribution.count()), Pane::histogram);
    const auto room = static_cast<std::size_t>(std::max(1, canvas.height() - 1));
    const auto classes = classes_of(distribution, room);
    double most = 1;
    for (const auto& range : classes)
        most = std::max(most, range.count);
    constexpr int begin = 26;
    constexpr int marks = 20;
    const int width = std::max(1, canvas.width() - begin - marks);
    for (int y = 1; const auto& range : classes) {
        const auto bound = [](double us) {
            return milliseconds(static_cast<std::uint64_t>(std::min(us, 1e15)));
        };
        canvas.put(1, y,
                   '[' + at_right(bound(range.from_us), 6) + ',' + at_right(bound(range.to_us), 6) + ')' +
                       at_right(short_count(range.count), 7));
        canvas.set(begin - 2, y, scene.glyphs.side, Style::dim);
        const auto full = static_cast<int>(std::lround(range.count / most * width));
        const int shown_at_least = range.count > 0 ? 1 : 0;
        for (int i = 0; i < std::max(full, shown_at_least); ++i)
            canvas.set(begin - 1 + i, y, scene.glyphs.full);
        canvas.put(begin - 1 + std::max(full, shown_at_least), y, marks_in(range, distribution), Style::bold);
        ++y;
    }
}

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
    const auto steps = scene.glyphs.shades.size();
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
        for (int i = 0; i < used && all > 0; ++i) {
            const auto share = cells[static_cast<std::size_t>(used - 1 - i)] / all;
            const auto level = static_cast<std::size_t>(std::ceil(share * static_cast<double>(steps)));
            if (share > 0)
                canvas.set(begin + x, 1 + i,
                           scene.glyphs.shades[std::clamp<std::size_t>(level, 1, steps) - 1]);
        }
    }
}

} // namespace embedd::console::screen
