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

struct Share {
    std::string_view name;
    double of_all;
};

// By what the late answers of a window were late, in the order of their way; nothing where none was, or where
// the daemon does not tell.
std::vector<Share> shares_of_the_late(const Record& record, Window window)
{
    constexpr std::array<std::pair<std::string_view, std::uint64_t ipc::Sample::*>, 4> stages{
        {{"queue", &ipc::Sample::late_queue_us},
         {"tokenize", &ipc::Sample::late_tokenize_us},
         {"forward", &ipc::Sample::late_forward_us},
         {"serialize", &ipc::Sample::late_serialize_us}}};
    const auto total = grown_in(record, window, &ipc::Sample::late_total_us).value_or(0);
    std::vector<Share> shares;
    if (total == 0)
        return shares;
    double rest = 1;
    for (const auto& [name, took_us] : stages) {
        const auto took = static_cast<double>(grown_in(record, window, took_us).value_or(0));
        shares.push_back({name, took / static_cast<double>(total)});
        rest -= shares.back().of_all;
    }
    constexpr double worth_a_word = 0.005;
    if (rest >= worth_a_word)
        shares.push_back({"rest", rest});
    return shares;
}

void draw_late(const Scene& scene, const Canvas& canvas, int y)
{
    const auto window = scene.model.view.window;
    const auto shares = shares_of_the_late(scene.record, window);
    if (shares.empty() || y >= canvas.height())
        return;
    int x = canvas.put(2, y, "slow requests are late by:", Style::dim);
    for (const auto& [name, of_all] : shares)
        x = canvas.put(x, y, ' ' + std::string{name} + ' ' + percent(of_all) + ' ');
    const auto n = grown_in(scene.record, window, &ipc::Sample::late_requests);
    const auto text = "share of each stage in " + short_count(n.value_or(0)) + " requests above p99";
    if (x + 2 + columns_of(text) < canvas.width())
        canvas.put_right(canvas.width() - 1, y, text, Style::dim);
}

} // namespace

void draw_latency(const Scene& scene, const Canvas& canvas)
{
    const auto window = scene.model.view.window;
    const auto count = [&](Window of) {
        return window_name(scene, of) + ", n " + short_count(within(scene.record, of, "total").count());
    };
    constexpr int both_from = 110;
    const int below = 2 + static_cast<int>(stage_names().size());
    if (window == Window::since_warm_up) {
        draw_title(scene, canvas, "Latency ms", count(window), Pane::latency);
        draw_stages(scene, canvas, {window});
        draw_late(scene, canvas, below);
    } else if (canvas.width() < both_from) {
        draw_title(scene, canvas, "Latency ms", count(window), Pane::latency);
        draw_stages(scene, canvas, {window});
        if (canvas.height() <= below)
            return;
        canvas.put(2, below, "total", Style::dim);
        const auto since = within(scene.record, Window::since_warm_up, "total");
        const int x = canvas.put(12, below, figures_of(since), Style::dim);
        canvas.put(x + 2, below, count(Window::since_warm_up), Style::dim);
        draw_late(scene, canvas, below + 1);
    } else {
        draw_title(scene, canvas, "Latency by stage, ms",
                   count(window) + "   and " + count(Window::since_warm_up), Pane::latency);
        draw_stages(scene, canvas, {window, Window::since_warm_up});
        draw_late(scene, canvas, below);
    }
}

} // namespace embedd::console::screen
