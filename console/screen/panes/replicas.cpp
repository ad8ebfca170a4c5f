#include "console/presentation/units.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>
#include <map>

namespace embedd::console::screen {

namespace {

struct Rates {
    std::optional<double> batches, tokens, busy; // a second; busy: of its lanes
};

Rates rates_of_replica(const Scene& scene, const ipc::ReplicaStatus& replica)
{
    const auto* start = start_of(scene.record, scene.model.view.window);
    if (start == nullptr)
        return {};
    const auto before = start->replicas.find(replica.id);
    // Counts of a process that was spawned since began at zero.
    const bool same = before != start->replicas.end() && before->second.generation == replica.generation;
    const auto from = same ? before->second : Moment::Replica{};
    const auto us = static_cast<double>(scene.record.now.sample.mono_us - start->sample.mono_us);
    const auto a_second = [&](std::uint64_t was, std::uint64_t is) {
        return static_cast<double>(grown(was, is)) * 1e6 / us;
    };
    Rates rates;
    rates.batches = a_second(from.batches, replica.batches);
    rates.tokens = a_second(from.tokens, replica.tokens);
    rates.busy = a_second(from.busy_us, replica.busy_us) / 1e6 /
                 static_cast<double>(std::max<std::uint64_t>(1, replica.lanes));
    return rates;
}

// "2 ready, 1 dead".
std::string states_of(const std::vector<ipc::ReplicaStatus>& replicas)
{
    std::map<std::string, std::size_t> counts;
    for (const auto& replica : replicas)
        ++counts[shown(replica.state == "busy" ? "ready" : replica.state, 12)];
    std::string text;
    for (const auto& [state, count] : counts)
        text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + state;
    return text.empty() ? "none" : text;
}

void draw_replica(const Scene& scene, const Canvas& canvas, int y, const ipc::ReplicaStatus& replica,
                  bool selected)
{
    const auto [word, tone] = replica_state_view(replica.state);
    const auto rates = rates_of_replica(scene, replica);
    if (selected)
        canvas.put(1, y, scene.glyphs.selected, Style::selected);
    canvas.put(3, y, at_left(std::to_string(replica.id), 3), selected ? Style::selected : Style::normal);
    const auto state = scene.old ? "?" : std::string{mark_of(scene, tone)} + ' ' + word;
    canvas.put(7, y, at_left(state, 14), style_of(tone));
    const auto latency = replica.forward_p50_us ? milliseconds(replica.forward_p50_us) : "-";
    canvas.put(22, y,
               at_left(shown(replica.device, 8), 8) + column(short_count(rates.batches), 8) +
                   column(short_count(rates.tokens), 8) + column(latency, 8) +
                   column(milliseconds(replica.forward_p99_us), 8) +
                   column(rates.busy ? percent(*rates.busy) : "-", 6));
    constexpr int begin = 69;
    const int room = canvas.width() - begin - 1;
    constexpr int details = 44;
    const bool more = room >= details + 12;
    draw_bar(scene, canvas, begin, y, std::min(more ? room - details : room, 40), rates.busy.value_or(0),
             Style::good);
    if (!more)
        return;
    const auto rss = replica.memory.rss_bytes ? format_bytes(*replica.memory.rss_bytes) : "-";
    const auto pid = replica.pid ? std::to_string(*replica.pid) : "-";
    canvas.put_right(canvas.width() - 1, y,
                     column(short_count(replica.lanes), 6) + column(rss, 10) + column(pid, 9) +
                         column(short_count(replica.restarts), 9) + column(short_count(replica.errors), 8),
                     replica.errors > 0 ? Style::warning : Style::normal);
}

void draw_head(const Canvas& canvas)
{
    canvas.put(3, 1, "#   state          device   batch/s   tok/s fwd p50 fwd p99  busy", Style::dim);
    if (canvas.width() >= 69 + 1 + 44 + 12)
        canvas.put_right(canvas.width() - 1, 1, "lanes  resident      pid restarts  errors", Style::dim);
}

} // namespace

void draw_replicas(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto& replicas = status->replicas;
    draw_title(scene, canvas, "Replicas", scene.old ? "unknown" : states_of(replicas), Pane::replicas);
    // On two rows the selected replica says more than the names of its columns.
    const int top = canvas.height() == 2 ? 1 : 2;
    if (top > 1)
        draw_head(canvas);
    const int room = canvas.height() - top;
    const auto selected = std::min(scene.model.view.replica, replicas.empty() ? 0 : replicas.size() - 1);
    const auto first = first_row(replicas.size(), selected, room);
    for (int i = 0; i < room; ++i) {
        const auto index = first + static_cast<std::size_t>(i);
        if (index >= replicas.size())
            break;
        draw_replica(scene, canvas, top + i, replicas[index], index == selected);
    }
}

} // namespace embedd::console::screen
