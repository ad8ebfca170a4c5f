#include "console/screen/update.hpp"

#include "console/presentation/operating_view.hpp"
#include "console/presentation/units.hpp"
#include "console/presentation/warm_up_view.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace embedd::console::screen {

namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

constexpr std::array<std::uint64_t, 7> intervals_us{100'000,   200'000,   500'000,   1'000'000,
                                                    2'000'000, 5'000'000, 10'000'000};
constexpr std::array focusable{Pane::memory,  Pane::replicas,  Pane::latency, Pane::histogram, Pane::heatmap,
                               Pane::warm_up, Pane::cold_hits, Pane::clients, Pane::events};
constexpr std::array lower_panes{Pane::heatmap,   Pane::histogram, Pane::warm_up,
                                 Pane::cold_hits, Pane::clients,   Pane::events};
constexpr std::size_t longest_text = 4096; // of an answer that is kept

// The element `steps` after the value, round the end; the first where it is none of them.
template <class Range, class Value>
auto around(const Range& range, const Value& value, std::size_t steps)
{
    const auto at = std::find(range.begin(), range.end(), value);
    const auto place = at == range.end() ? 0 : static_cast<std::size_t>(at - range.begin()) + steps;
    return range[place % range.size()];
}

// Steps of one event: each may change the model and order something.
class Turn {
public:
    explicit Turn(Model& model, std::vector<Command>& commands) : model_(model), commands_(commands) {}

    void press(const Key& key)
    {
        model_.message.clear();
        if (key == Key{.character = U'\x03'} || key == Key{.character = U'Q'}) {
            order(Quit{});
        } else if (model_.dialog) {
            answer_dialog(key);
        } else if (model_.view.help) {
            model_.view.help = false;
        } else if (const auto deed = deed_of(key)) {
            const auto reason = why_not(model_, *deed);
            if (reason.empty())
                perform(*deed);
            else
                say_why_not(*deed, reason);
        }
    }

private:
    void order(Command command) { commands_.push_back(std::move(command)); }

    void say_why_not(Deed deed, const std::string& reason)
    {
        for (const auto& binding : bindings())
            if (binding.deed == deed)
                model_.message = std::string{binding.row} + ": " + reason;
    }

    void perform(Deed deed)
    {
        auto& view = model_.view;
        switch (deed) {
        case Deed::help:
            view.help = true;
            break;
        case Deed::rewarm:
            ask({.kind = Action::Kind::rewarm});
            break;
        case Deed::restart:
            ask({.kind = Action::Kind::restart_replica, .replica = selected_replica()});
            break;
        case Deed::reconnect:
            order(Reconnect{});
            break;
        case Deed::window:
            view.window = around(std::array{Window::ten_seconds, Window::minute, Window::since_warm_up},
                                 view.window, 1);
            break;
        case Deed::stage:
            view.stage = around(stage_names(), view.stage, 1);
            break;
        case Deed::stage_back:
            view.stage = around(stage_names(), view.stage, stage_names().size() - 1);
            break;
        case Deed::lower:
            view.lower = around(lower_panes, view.lower, 1);
            focus(view.lower);
            break;
        case Deed::pause:
            pause();
            break;
        case Deed::longer:
            change_interval(+1);
            break;
        case Deed::shorter:
            change_interval(-1);
            break;
        case Deed::zoom:
            view.zoomed = true;
            break;
        case Deed::events:
            focus(Pane::events);
            view.zoomed = true;
            break;
        case Deed::export_snapshot:
            order(Export{});
            break;
        case Deed::ascii:
            view.ascii = !view.ascii;
            break;
        case Deed::next_pane:
            focus(around(focusable, view.focus, 1));
            break;
        case Deed::previous_pane:
            focus(around(focusable, view.focus, focusable.size() - 1));
            break;
        case Deed::up:
            move(-1);
            break;
        case Deed::down:
            move(+1);
            break;
        case Deed::back:
            if (!close_one())
                ask_to_cancel();
            break;
        case Deed::redraw:
            order(Redraw{});
            break;
        case Deed::suspend:
            order(Suspend{});
            break;
        case Deed::close:
            if (!close_one())
                leave();
            break;
        case Deed::quit:
            order(Quit{});
            break;
        }
    }

    std::uint64_t selected_replica() const
    {
        const auto& replicas = model_.record.status->replicas;
        return replicas[std::min(model_.view.replica, replicas.size() - 1)].id;
    }

    void ask(Action action)
    {
        model_.dialog = Dialog{.action = action};
        order(AskDryRun{action});
    }

    void ask_to_cancel()
    {
        if (why_not(model_, Action::Kind::cancel).empty())
            model_.dialog = Dialog{.action = {.kind = Action::Kind::cancel},
                                   .stage = Dialog::Stage::answered,
                                   .answer = "what is warm stays warm, nobody's work is dropped"};
    }

    // The daemon ends a re-warm whose console left.
    void leave()
    {
        const auto& operation = model_.operation;
        if (operation && !operation->ended_us && operation->action.kind == Action::Kind::rewarm)
            model_.dialog = Dialog{.action = {.kind = Action::Kind::cancel},
                                   .stage = Dialog::Stage::answered,
                                   .answer = "y ends it and quits; what is warm stays warm",
                                   .quits = true};
        else
            order(Quit{});
    }

    // Cancel has the focus: Enter is it. Only y confirms, and only what the daemon was asked about.
    void answer_dialog(const Key& key)
    {
        if (key == Key{.character = U'y'}) {
            confirm();
            return;
        }
        const auto deed = deed_of(key);
        if (deed == Deed::zoom || deed == Deed::back || deed == Deed::close || key == Key{.character = U'n'})
            model_.dialog.reset();
    }

    void confirm()
    {
        const auto dialog = *model_.dialog;
        if (dialog.stage == Dialog::Stage::asking) {
            model_.message = "the daemon has not answered yet";
            return;
        }
        model_.dialog.reset();
        if (dialog.stage == Dialog::Stage::refused)
            return;
        if (dialog.quits) {
            order(Quit{});
            return;
        }
        // The state may have changed while the question stood.
        if (const auto reason = why_not(model_, dialog.action.kind); !reason.empty()) {
            model_.message = "not done: " + reason;
            return;
        }
        if (dialog.action.kind != Action::Kind::cancel)
            model_.operation = Operation{.action = dialog.action, .started_us = model_.now_us};
        order(Perform{dialog.action});
    }

    bool close_one()
    {
        if (model_.view.zoomed) {
            model_.view.zoomed = false;
            return true;
        }
        if (model_.operation && model_.operation->ended_us) {
            model_.operation.reset();
            return true;
        }
        return false;
    }

    void focus(Pane pane)
    {
        model_.view.focus = pane;
        model_.view.scrolled = 0;
    }

    void move(int by)
    {
        auto& view = model_.view;
        auto& place = view.focus == Pane::replicas ? view.replica : view.scrolled;
        const auto rows = rows_of(model_, view.focus);
        if (by < 0)
            place -= place > 0 ? 1 : 0;
        else if (place + 1 < rows)
            ++place;
    }

    void pause()
    {
        if (model_.frozen) {
            model_.frozen.reset();
        } else {
            model_.frozen = model_.record;
            model_.frozen_us = model_.now_us;
        }
    }

    void change_interval(int by)
    {
        const auto at = std::lower_bound(intervals_us.begin(), intervals_us.end(), model_.interval_us) -
                        intervals_us.begin();
        const auto place =
            std::clamp<std::ptrdiff_t>(at + by, 0, static_cast<std::ptrdiff_t>(intervals_us.size()) - 1);
        const auto interval = intervals_us[static_cast<std::size_t>(place)];
        if (interval == model_.interval_us)
            return;
        model_.interval_us = interval;
        order(SetInterval{interval});
    }

    Model& model_;
    std::vector<Command>& commands_;
};

std::string said(const Reply& reply)
{
    auto text = std::visit(
        Overloaded{[](const ipc::Error& error) {
                       return std::string{to_string(error.type)} + ": " + printable(error.message);
                   },
                   [](const EndedHere&) {
                       return std::string{"ended by the operator of this console; what is warm stays warm"};
                   },
                   [](const auto& answer) { return describe(answer); }},
        reply);
    text.resize(std::min(text.size(), longest_text));
    return text;
}

// A table of cells comes before the last line, which sums it up.
std::string last_line(std::string text)
{
    text.erase(text.find_last_not_of('\n') + 1);
    const auto before = text.find_last_of('\n');
    return before == std::string::npos ? text : text.substr(before + 1);
}

void lose(Model& model, const LinkLost& lost)
{
    model.now_us = lost.now_us;
    model.link.state = Link::State::lost;
    model.link.why = lost.why.substr(0, longest_text);
    model.link.tries = lost.tries;
    model.link.retry_at_us = lost.retry_at_us;
    if (model.dialog) {
        model.dialog.reset();
        model.message = "not done: no link";
    }
    if (model.operation && !model.operation->ended_us) {
        model.operation->ended_us = lost.now_us;
        model.operation->result = "its end was not seen: the link was lost";
    }
}

void come(Model& model, const StatusCame& came)
{
    model.now_us = came.now_us;
    model.link.state = Link::State::live;
    model.link.why.clear();
    model.link.tries = 0;
    model.link.retry_at_us.reset();
    remember(model.record, came.status, came.history);
    model.record.came_us = came.now_us;
    model.record.came_at = came.wall_time;
    const auto replicas = model.record.status->replicas.size();
    model.view.replica = std::min(model.view.replica, replicas > 0 ? replicas - 1 : 0);
}

void answer(Model& model, const DryRunAnswered& answered)
{
    // An answer to a question that was closed, or to another, changes nothing.
    if (!model.dialog || model.dialog->stage != Dialog::Stage::asking ||
        model.dialog->action != answered.action)
        return;
    const bool refused = std::holds_alternative<ipc::Error>(answered.reply);
    model.dialog->stage = refused ? Dialog::Stage::refused : Dialog::Stage::answered;
    model.dialog->answer = said(answered.reply);
}

void progress(Model& model, const ipc::Progress& progress)
{
    constexpr std::size_t most_replicas = 256;
    if (model.operation && !model.operation->ended_us &&
        (model.operation->progress.size() < most_replicas ||
         model.operation->progress.count(progress.replica)))
        model.operation->progress[progress.replica] = progress;
}

void end(Model& model, const OperationEnded& ended)
{
    if (!model.operation)
        return;
    model.operation->ended_us = ended.now_us;
    model.operation->result = last_line(said(ended.reply));
    if (const auto* rewarm = std::get_if<ipc::RewarmReply>(&ended.reply))
        model.operation->report = rewarm->report;
}

} // namespace

Step update(Model model, const Event& event)
{
    Step step{.model = std::move(model), .commands = {}};
    auto& changed = step.model;
    std::visit(Overloaded{[&](const Ticked& tick) { changed.now_us = tick.now_us; },
                          [&](const Connecting& connecting) {
                              changed.now_us = connecting.now_us;
                              if (changed.link.state != Link::State::lost)
                                  changed.link.state = Link::State::connecting;
                          },
                          [&](const StatusCame& came) { come(changed, came); },
                          [&](const LinkLost& lost) { lose(changed, lost); },
                          [&](const Key& key) { Turn{changed, step.commands}.press(key); },
                          [&](const DryRunAnswered& answered) { answer(changed, answered); },
                          [&](const ProgressCame& came) { progress(changed, came.progress); },
                          [&](const OperationEnded& ended) { end(changed, ended); },
                          [&](const Noted& noted) { changed.message = noted.text; }},
               event);
    return step;
}

} // namespace embedd::console::screen
