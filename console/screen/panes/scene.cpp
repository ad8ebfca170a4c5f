#include "console/screen/panes/scene.hpp"

#include "console/screen/figures.hpp"

#include <algorithm>
#include <cmath>

namespace embedd::console::screen {

std::string_view mark_of(const Scene& scene, Tone tone)
{
    switch (tone) {
    case Tone::good:
        return scene.glyphs.good;
    case Tone::busy:
        return scene.glyphs.busy;
    case Tone::attention:
        return scene.glyphs.attention;
    case Tone::failed:
        return scene.glyphs.failed;
    case Tone::idle:
        return scene.glyphs.idle;
    case Tone::unknown:
        break;
    }
    return scene.glyphs.unknown;
}

Style style_of(Tone tone)
{
    switch (tone) {
    case Tone::good:
        return Style::good;
    case Tone::busy:
    case Tone::attention:
    case Tone::idle:
        return Style::warning;
    case Tone::failed:
        return Style::bad;
    case Tone::unknown:
        break;
    }
    return Style::bold;
}

void draw_title(const Scene& scene, const Canvas& canvas, std::string_view left, std::string_view right,
                std::optional<Pane> pane)
{
    const bool focused = pane && *pane == scene.model.view.focus;
    for (int x = 0; x < canvas.width(); ++x)
        canvas.set(x, 0, scene.glyphs.rule, Style::title);
    const auto name = scene.old ? "Last known: " + std::string{left} : std::string{left};
    const int end = canvas.put(1, 0, name, focused ? Style::selected : Style::title);
    canvas.set(end, 0, U' ', Style::title);
    const int room = canvas.width() - end - 4;
    if (right.empty() || room < 1)
        return;
    const auto text = at_left(right, std::min(room, columns_of(right)));
    canvas.put_right(canvas.width() - 1, 0, ' ' + text + ' ', Style::title);
}

void draw_bar(const Scene& scene, const Canvas& canvas, int x, int y, int width, double fraction, Style style)
{
    const int inside = width - 2;
    if (inside < 1)
        return;
    const double part = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0;
    const int full = static_cast<int>(std::lround(part * inside));
    canvas.set(x, y, U'[');
    for (int i = 0; i < inside; ++i)
        canvas.set(x + 1 + i, y, i < full ? scene.glyphs.full : scene.glyphs.empty,
                   i < full ? style : Style::dim);
    canvas.set(x + inside + 1, y, U']');
}

void draw_levels(const Scene& scene, const Canvas& canvas, int x, int y,
                 const std::vector<std::optional<double>>& values)
{
    double most = 0;
    for (const auto& value : values)
        most = std::max(most, value.value_or(0));
    const auto steps = scene.glyphs.levels.size() - 1;
    for (const auto& value : values) {
        if (value) {
            const auto share = most > 0 ? *value / most : 0;
            const auto level = static_cast<std::size_t>(std::ceil(share * static_cast<double>(steps)));
            canvas.set(x, y, scene.glyphs.levels[std::min(level, steps)]);
        }
        ++x;
    }
}

char32_t shade_of(const Scene& scene, double share)
{
    const auto steps = scene.glyphs.shades.size();
    const auto level = static_cast<std::size_t>(std::ceil(share * static_cast<double>(steps)));
    return scene.glyphs.shades[std::clamp<std::size_t>(level, 1, steps) - 1];
}

std::vector<std::optional<double>> values_of(const std::vector<Second>& seconds,
                                             std::uint64_t ipc::Sample::* value)
{
    std::vector<std::optional<double>> values;
    for (const auto& second : seconds) {
        auto& known = values.emplace_back();
        if (second.known())
            known = static_cast<double>(second.after->*value);
    }
    return values;
}

std::vector<Second> seconds_drawn(const Scene& scene, int columns)
{
    const auto silent = scene.old ? elapsed(scene.record.came_us, scene.model.now_us) : 0;
    return last_seconds(scene.record, static_cast<std::size_t>(std::max(0, columns)), silent);
}

std::string window_name(const Scene& scene, Window window)
{
    const auto* start = start_of(scene.record, window);
    if (start == nullptr)
        return "no data yet";
    if (window == Window::since_warm_up) {
        const auto epoch = start->sample.warm_epoch;
        if (!scene.record.warm_seen)
            return "since watched";
        return epoch == 0 ? "since start" : "since warm #" + short_count(epoch);
    }
    return "last " + span(scene.record.now.sample.mono_us - start->sample.mono_us);
}

std::string ago(const ipc::Status& status, std::uint64_t mono_us)
{
    return column(span(elapsed(mono_us, status.mono_us)) + " ago", 10);
}

std::size_t scrolled(const Scene& scene, Pane pane, std::size_t rows, int room)
{
    if (scene.model.view.focus != pane)
        return 0;
    const auto shown = std::min(rows, static_cast<std::size_t>(std::max(0, room)));
    return std::min(scene.model.view.scrolled, rows - shown);
}

std::size_t first_row(std::size_t rows, std::size_t kept, int room)
{
    const auto shown = static_cast<std::size_t>(std::max(1, room));
    if (rows <= shown)
        return 0;
    return std::min(rows - shown, kept < shown ? 0 : kept - shown + 1);
}

} // namespace embedd::console::screen
