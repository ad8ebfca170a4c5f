#include "console/screen/keys.hpp"

#include "console/presentation/state_view.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace embedd::console::screen {

namespace {

using Special = Key::Special;

// In the order of the row of keys: what does not fit there is left out from the end.
constexpr std::array<Binding, 20> table{{
    {Deed::help, "?", "? Help", "this help (also F1, h)"},
    {Deed::close, "q", "q Quit", "close what is open, else quit (also F10)"},
    {Deed::rewarm, "w", "w Re-warm", "warm up again between the batches of clients; asks first"},
    {Deed::restart, "r", "r Restart", "end and start the selected replica; asks first"},
    {Deed::reconnect, "c", "c Retry now", "try to connect at once"},
    {Deed::window, "t", "t Window", "latency of the last 10 s, the last 60 s, since warm-up"},
    {Deed::stage, "s S", "s Stage", "next or previous stage in histogram and heatmap"},
    {Deed::lower, "m", "m Pane", "heatmap, histogram, warm-up, cold hits, clients, events"},
    {Deed::pause, "p", "p Pause", "freeze the picture, data are still kept (also space)"},
    {Deed::events, "e", "e Events", "what the daemon reported last"},
    {Deed::longer, "+ -", "+- Rate", "longer or shorter interval, 0.1 s to 10 s"},
    {Deed::zoom, "Enter", "Enter Zoom", "the focused pane alone"},
    {Deed::export_snapshot, "x", "x Export", "write the last status as JSON"},
    {Deed::ascii, "a", "a ASCII", "signs of ASCII alone, and back"},
    {Deed::next_pane, "Tab", "Tab Focus", "focus the next pane, Shift-Tab the one before"},
    {Deed::down, "Up Down", "", "replica or row above or below (also k, j)"},
    {Deed::back, "Esc", "", "close what is open; end our re-warm, asks first"},
    {Deed::redraw, "Ctrl-L", "", "draw anew"},
    {Deed::suspend, "Ctrl-Z", "", "suspend"},
    {Deed::quit, "Q", "", "quit at once (also Ctrl-C)"},
}};

struct Press {
    Key key;
    Deed deed;
};

constexpr Press of(char32_t character, Deed deed)
{
    return {{.character = character}, deed};
}

constexpr Press of(Special special, Deed deed)
{
    return {{.special = special}, deed};
}

constexpr std::array<Press, 34> presses{{
    of(U'?', Deed::help),
    of(Special::f1, Deed::help),
    of(U'h', Deed::help),
    of(U'w', Deed::rewarm),
    of(U'W', Deed::rewarm),
    of(U'r', Deed::restart),
    of(U'c', Deed::reconnect),
    of(U't', Deed::window),
    of(U's', Deed::stage),
    of(U'S', Deed::stage_back),
    of(U'm', Deed::lower),
    of(U'p', Deed::pause),
    of(U' ', Deed::pause),
    of(U'+', Deed::longer),
    of(U'-', Deed::shorter),
    of(U'q', Deed::close),
    of(Special::f10, Deed::close),
    of(Special::enter, Deed::zoom),
    of(U'\r', Deed::zoom),
    of(U'\n', Deed::zoom),
    of(U'e', Deed::events),
    of(U'x', Deed::export_snapshot),
    of(U'a', Deed::ascii),
    of(Special::tab, Deed::next_pane),
    of(Special::back_tab, Deed::previous_pane),
    of(Special::up, Deed::up),
    of(U'k', Deed::up),
    of(Special::down, Deed::down),
    of(U'j', Deed::down),
    of(Special::escape, Deed::back),
    of(U'\x0C', Deed::redraw),
    of(U'\x1A', Deed::suspend),
    of(U'Q', Deed::quit),
    of(U'\x03', Deed::quit),
}};

std::string lower_case(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
    return text;
}

bool may(const ipc::Status& status, std::string_view op)
{
    return std::find(status.may.begin(), status.may.end(), op) != status.may.end();
}

bool under_way(const Model& model)
{
    return model.operation && !model.operation->ended_us;
}

} // namespace

std::span<const Binding> bindings() noexcept
{
    return table;
}

std::optional<Deed> deed_of(const Key& key) noexcept
{
    const auto* found =
        std::find_if(presses.begin(), presses.end(), [&](const Press& press) { return press.key == key; });
    return found == presses.end() ? std::nullopt : std::optional{found->deed};
}

std::string why_not(const Model& model, Action::Kind kind)
{
    if (model.access != Access::full)
        return std::string{word_of(model.access)};
    if (is_old(model) || !model.record.status)
        return "no link";
    const auto& status = *model.record.status;
    if (kind == Action::Kind::cancel)
        return under_way(model) && model.operation->action.kind == Action::Kind::rewarm ? ""
                                                                                        : "nothing to end";
    const bool rewarms = kind == Action::Kind::rewarm;
    if (!may(status, rewarms ? "rewarm" : "restart_replica"))
        return "not permitted";
    if (under_way(model))
        return model.operation->action.kind == Action::Kind::rewarm ? "re-warming" : "restarting";
    const bool serves = status.state == "ready" || status.state == "degraded";
    if (!serves)
        return lower_case(state_view(status.state).word);
    return !rewarms && status.replicas.empty() ? "no replica" : "";
}

std::string why_not(const Model& model, Deed deed)
{
    switch (deed) {
    case Deed::rewarm:
        return why_not(model, Action::Kind::rewarm);
    case Deed::restart:
        return why_not(model, Action::Kind::restart_replica);
    case Deed::reconnect:
        if (model.access == Access::replay)
            return std::string{word_of(model.access)};
        return model.link.state == Link::State::lost ? "" : "not lost";
    case Deed::export_snapshot:
    case Deed::pause:
        return model.record.status ? "" : "no data";
    default:
        return "";
    }
}

} // namespace embedd::console::screen
