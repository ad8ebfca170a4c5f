#include "console/presentation/units.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace embedd::console::screen {

namespace {

struct Line {
    const ipc::PhaseStatus* phase;
    int depth;
};

void collect(std::vector<Line>& lines, const std::vector<ipc::PhaseStatus>& phases, int depth)
{
    constexpr std::size_t most = 200;
    constexpr int deepest = 4;
    for (const auto& phase : phases) {
        if (lines.size() == most || depth > deepest)
            return;
        lines.push_back({&phase, depth});
        collect(lines, phase.children, depth + 1);
    }
}

std::uint64_t sum(std::uint64_t a, std::uint64_t b)
{
    return a + b < a ? a : a + b;
}

// A running one took what has passed since it began.
std::optional<std::uint64_t> took(const ipc::PhaseStatus& phase, std::uint64_t uptime_us)
{
    if (phase.duration_us)
        return phase.duration_us;
    if (phase.state == "running" && phase.started_us)
        return elapsed(*phase.started_us, uptime_us);
    return std::nullopt;
}

std::string seconds(std::optional<std::uint64_t> us, char sign)
{
    if (!us)
        return at_right("-", 9);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%c%7.3fs", sign, static_cast<double>(*us) / 1e6);
    return at_right(text.data(), 9);
}

std::uint64_t length_of(const std::vector<Line>& lines, std::uint64_t uptime_us)
{
    std::uint64_t end = 1'000'000;
    for (const auto& [phase, depth] : lines) {
        if (!phase->started_us)
            continue;
        const auto expected = std::max(took(*phase, uptime_us).value_or(0), phase->last_time_us.value_or(0));
        end = std::max(end, sum(*phase->started_us, expected));
    }
    return end;
}

void draw_timeline(const Scene& scene, const Canvas& canvas, int x, int y, int width,
                   const ipc::PhaseStatus& phase, std::uint64_t length, std::uint64_t uptime_us)
{
    if (width < 4 || !phase.started_us)
        return;
    const auto column = [&](std::uint64_t us) {
        return static_cast<int>(static_cast<double>(us) / static_cast<double>(length) * (width - 1));
    };
    const int from = column(*phase.started_us);
    const auto took_us = took(phase, uptime_us).value_or(0);
    const int to = std::max(from + 1, column(sum(*phase.started_us, took_us)));
    for (int i = to; i < column(sum(*phase.started_us, phase.last_time_us.value_or(0))); ++i)
        canvas.set(x + i, y, scene.glyphs.empty, Style::dim);
    for (int i = from; i < to; ++i)
        canvas.set(x + i, y, scene.glyphs.full,
                   phase.state == "failed"    ? Style::bad
                   : phase.state == "running" ? Style::warning
                                              : Style::good);
}

std::string progress_of(const ipc::PhaseStatus& phase)
{
    if (phase.state == "failed" || phase.state == "skipped")
        return phase.state;
    if (!phase.done || phase.state != "running")
        return {};
    const bool bytes = phase.unit == "bytes";
    const auto amount = [&](std::uint64_t n) { return bytes ? format_bytes(n) : short_count(n); };
    auto text = amount(*phase.done);
    if (phase.total)
        text += " of " + amount(*phase.total);
    if (phase.eta_us)
        text += ", " + span(*phase.eta_us) + " left";
    return text;
}

} // namespace

void draw_phases(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    std::vector<Line> lines;
    collect(lines, status->phases, 0);
    const auto length = length_of(lines, status->uptime_us);
    draw_title(scene, canvas, "Start-up", "dotted: the last start");
    constexpr int begin = 42;
    const int width = std::max(0, canvas.width() - begin - (canvas.width() < 110 ? 9 : 30));
    canvas.put(3, 1, "phase                @start    +took", Style::dim);
    canvas.put(begin, 1, "0s", Style::dim);
    canvas.put_right(begin + width, 1, span(length), Style::dim);
    const int room = canvas.height() - 2;
    std::size_t running = 0;
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (lines[i].phase->state == "running")
            running = i;
    const auto first = first_row(lines.size(), running, room);
    for (int i = 0; i < room && first + static_cast<std::size_t>(i) < lines.size(); ++i) {
        const auto& [phase, depth] = lines[first + static_cast<std::size_t>(i)];
        const int y = 2 + i;
        const bool runs = phase->state == "running";
        const auto mark = phase->state == "done"     ? scene.glyphs.done
                          : runs                     ? scene.glyphs.running
                          : phase->state == "failed" ? scene.glyphs.failed
                                                     : scene.glyphs.pending;
        canvas.put(columns_of(mark) > 1 ? 0 : 1, y, mark,
                   phase->state == "failed" ? Style::bad : Style::normal);
        canvas.put(3 + depth, y, at_left(shown(phase->name, 18 - depth), 18 - depth),
                   runs ? Style::bold : Style::normal);
        canvas.put(21, y, seconds(phase->started_us, '@') + seconds(took(*phase, status->uptime_us), '+'));
        draw_timeline(scene, canvas, begin, y, width, *phase, length, status->uptime_us);
        canvas.put(begin + width + 1, y, progress_of(*phase));
    }
}

} // namespace embedd::console::screen
