#include "console/presentation/units.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"
#include "console/screen/phases.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace embedd::console::screen {

namespace {

// When one that began would end if it took as long as the last time.
std::uint64_t end_of_last_time_us(const ipc::PhaseStatus& phase)
{
    return saturating_sum(*phase.started_us, phase.last_time_us.value_or(0));
}

std::string seconds(std::optional<std::uint64_t> us, char sign)
{
    if (!us)
        return at_right("-", 9);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%c%7.3fs", sign, static_cast<double>(*us) / 1e6);
    return at_right(text.data(), 9);
}

std::uint64_t length_of(const std::vector<PhaseLine>& lines, std::uint64_t uptime_us)
{
    std::uint64_t end = 1'000'000;
    for (const auto& [phase, depth] : lines)
        if (phase->started_us)
            end = std::max({end, end_us(*phase, uptime_us), end_of_last_time_us(*phase)});
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
    const int to = std::max(from + 1, column(end_us(phase, uptime_us)));
    for (int i = to; i < column(end_of_last_time_us(phase)); ++i)
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

// "last start 11s, about 3s left, ".
std::string outlook_of(const ipc::Status& status)
{
    std::string text;
    if (const auto last = last_start_us(status.phases, status.uptime_us))
        text += "last start " + span(*last) + ", ";
    if (const auto left = left_us(status.phases))
        text += "about " + span(*left) + " left, ";
    return text;
}

// "critical path  weights.read 25% > weights.place 4% > warmup.lengths 51%": on as many rows as are left.
void draw_critical_path(const Scene& scene, const Canvas& canvas, int y, const ipc::Status& status)
{
    constexpr int begin = 18;
    constexpr double worth_a_word = 0.01;
    const auto path = critical_path(status.phases, status.uptime_us);
    double whole_us = 0;
    for (const auto& leg : path)
        whole_us = std::max(whole_us, static_cast<double>(end_us(*leg.phase, status.uptime_us)));
    if (whole_us <= 0 || y >= canvas.height())
        return;
    canvas.put(3, y, "critical path", Style::dim);
    int x = begin;
    for (const auto& leg : path) {
        const auto share = static_cast<double>(leg.us) / whole_us;
        if (share < worth_a_word)
            continue;
        const auto text = shown(leg.phase->name, 20) + ' ' + percent(share);
        const int gap = x > begin ? columns_of(scene.glyphs.running) + 2 : 0;
        if (x + gap + columns_of(text) >= canvas.width() && x > begin) {
            x = begin;
            ++y;
        } else if (gap > 0) {
            x = canvas.put(x + 1, y, scene.glyphs.running, Style::dim) + 1;
        }
        x = canvas.put(x, y, text);
    }
}

} // namespace

void draw_phases(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto lines = lines_of(status->phases);
    const auto length = length_of(lines, status->uptime_us);
    draw_title(scene, canvas, "Start-up", outlook_of(*status) + "dotted: the last start");
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
        canvas.put(21, y, seconds(phase->started_us, '@') + seconds(took_us(*phase, status->uptime_us), '+'));
        draw_timeline(scene, canvas, begin, y, width, *phase, length, status->uptime_us);
        canvas.put(begin + width + 1, y, progress_of(*phase));
    }
    draw_critical_path(scene, canvas, 2 + static_cast<int>(lines.size()), *status);
}

} // namespace embedd::console::screen
