#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>
#include <cmath>

namespace embedd::console::screen {

namespace {

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
    const auto inside = [&](std::uint64_t us) {
        return static_cast<double>(us) >= range.from_us && static_cast<double>(us) < range.to_us;
    };
    std::string text;
    for (const auto& [name, quantile] : percentiles)
        if (const auto us = distribution.quantile_us(quantile); us && inside(*us))
            text += "  " + std::string{name} + ' ' + milliseconds(us);
    if (const auto max = distribution.max(); max && max->recorded && inside(max->us))
        text += "  max " + milliseconds(max->us);
    return text;
}

} // namespace

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

} // namespace embedd::console::screen
