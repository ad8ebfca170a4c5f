#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>

namespace embedd::console::screen {

namespace {

template <class Client>
std::string counts_of(const Client& client)
{
    return column(short_count(client.connections), 6) + column(short_count(client.inflight), 10) +
           column(short_count(client.requests), 10) + column(short_count(client.tokens), 8) +
           column(short_count(client.rejected), 10);
}

Style style_of_level(const std::string& level)
{
    return level == "error" ? Style::bad : level == "warning" ? Style::warning : Style::normal;
}

} // namespace

void draw_clients(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto& clients = status->clients;
    draw_title(scene, canvas, "Clients",
               std::to_string(clients.size()) + (clients.size() == 1 ? " client" : " clients") +
                   (status->other_clients ? " of this user" : ""),
               Pane::clients);
    constexpr int names = 64;
    canvas.put(1, 1, "    pid     uid  conns in flight  requests  tokens  rejected", Style::dim);
    canvas.put(names, 1, "client, command", Style::dim);
    const int others = status->other_clients ? 1 : 0;
    const int room = canvas.height() - 2 - others;
    const auto first = scrolled(scene, Pane::clients, clients.size(), room);
    int y = 2;
    for (auto i = first; i < clients.size() && y < 2 + room; ++i, ++y) {
        const auto& client = clients[i];
        canvas.put(1, y,
                   column(client.pid ? std::to_string(*client.pid) : "-", 7) +
                       column(std::to_string(client.uid), 8) + counts_of(client));
        const int left = std::max(0, canvas.width() - names - 1);
        auto name = client.client;
        if (client.command)
            name += (name.empty() ? "" : ", ") + *client.command;
        canvas.put(names, y, shown(name, left));
    }
    if (status->other_clients && y < canvas.height())
        canvas.put(1, y, column("other users", 15) + counts_of(*status->other_clients), Style::dim);
}

void draw_events(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto& events = status->events;
    draw_title(scene, canvas, "Events", "newest first", Pane::events);
    if (events.empty())
        canvas.put(2, 1, "none yet", Style::dim);
    const int room = canvas.height() - 1;
    const auto first = scrolled(scene, Pane::events, events.size(), room);
    for (int i = 0; i < room && first + static_cast<std::size_t>(i) < events.size(); ++i) {
        const auto& event = events[events.size() - 1 - first - static_cast<std::size_t>(i)];
        const int x = canvas.put(0, 1 + i, ago(*status, event.mono_us), Style::dim);
        canvas.put(x + 2, 1 + i, shown(event.text, std::max(0, canvas.width() - x - 3)),
                   style_of_level(event.level));
    }
}

} // namespace embedd::console::screen
