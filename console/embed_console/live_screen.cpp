#include "console/embed_console/live_screen.hpp"

#include "console/embed_console/clock.hpp"
#include "console/embed_console/inbox.hpp"
#include "console/embed_console/link.hpp"
#include "console/embed_console/operator_call.hpp"
#include "console/embed_console/player.hpp"
#include "console/embed_console/signals.hpp"
#include "console/embed_console/snapshot.hpp"
#include "console/embed_console/terminal.hpp"
#include "console/screen/render.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

namespace embedd::console {

namespace {

class LiveScreen {
public:
    LiveScreen(const Options& options, screen::GlyphSet glyphs, bool colours, Signals& signals)
        : options_(options), glyphs_(glyphs), signals_(signals), terminal_(colours)
    {
        model_.access = access_of(options);
        model_.interval_us = static_cast<std::uint64_t>(options.interval.count()) * 1000;
        if (options.replay) {
            model_.link.socket = options.replay->string();
            player_.emplace(*options.replay, inbox_);
        } else {
            link_.emplace(Link::Plan{options.target, options.interval, options.record}, inbox_);
        }
    }

    // The signal that ended it, or 0.
    int run()
    {
        while (!over_) {
            terminal_.draw(render(model_, terminal_.size(), glyphs_));
            wait();
        }
        return ended_by_;
    }

    [[nodiscard]] const screen::Model& model() const { return model_; }

private:
    void wait()
    {
        std::array<pollfd, 3> sources{{{.fd = STDIN_FILENO, .events = POLLIN},
                                       {.fd = inbox_.readable(), .events = POLLIN},
                                       {.fd = signals_.readable(), .events = POLLIN}}};
        if (::poll(sources.data(), sources.size(), patience_ms()) == 0) {
            happen(screen::Ticked{now_us()});
            return;
        }
        const auto& [terminal, inbox, signals] = sources;
        if (signals.revents)
            heed_signals();
        if (inbox.revents)
            read_inbox();
        if (terminal.revents)
            read_keys(terminal.revents);
    }

    // Data that come soon bring their own redraw; while they are awaited their age is shown by the second.
    [[nodiscard]] int patience_ms() const
    {
        const bool soon = !screen::is_old(model_) && model_.interval_us <= 1'000'000;
        return soon ? 2000 : 1000;
    }

    void heed_signals()
    {
        for (const int number : signals_.take()) {
            if (ends_the_program(number)) {
                ended_by_ = number;
                over_ = true;
            } else if (number == SIGTSTP) {
                suspend();
            } else if (number == SIGCONT) {
                terminal_.retake();
            } else {
                terminal_.fit();
            }
        }
    }

    void read_inbox()
    {
        if (link_)
            model_.link.socket = link_->socket();
        for (auto& event : inbox_.take())
            happen(event);
    }

    void read_keys(short events)
    {
        int unread = 0;
        const bool gone = (events & (POLLHUP | POLLERR | POLLNVAL)) != 0 ||
                          ::ioctl(STDIN_FILENO, FIONREAD, &unread) != 0 || unread == 0;
        if (gone) {
            over_ = true;
            return;
        }
        happen(screen::Ticked{now_us()});
        for (const auto& key : terminal_.keys())
            happen(key);
    }

    void happen(const screen::Event& event)
    {
        auto step = update(std::move(model_), event);
        model_ = std::move(step.model);
        for (const auto& command : step.commands)
            std::visit([this](const auto& order) { carry_out(order); }, command);
    }

    void carry_out(const screen::AskDryRun& order) { call<OperatorCall::DryRun>(question_, order.action); }

    void carry_out(const screen::Perform& order)
    {
        if (order.action.kind != screen::Action::Kind::cancel)
            call<OperatorCall::ForEarnest>(operation_, order.action);
        else if (operation_)
            operation_->give_up();
    }

    template <class Kind>
    void call(std::unique_ptr<OperatorCall>& place, const screen::Action& action)
    {
        ipc::Client::Options client{
            .socket = model_.link.socket, .timeout = std::chrono::seconds{60}, .name = options_.target.name};
        place.reset(); // who asked before does not wait any more
        place = std::make_unique<OperatorCall>(Kind{}, std::move(client), action,
                                               [this](screen::Event event) { inbox_.put(std::move(event)); });
    }

    void carry_out(const screen::Reconnect&)
    {
        if (link_)
            link_->retry_now();
    }

    void carry_out(const screen::SetInterval& order)
    {
        if (link_)
            link_->set_interval(std::chrono::milliseconds{order.interval_us / 1000});
    }

    void carry_out(const screen::Export&) { happen(screen::Noted{export_snapshot(*model_.drawn().status)}); }
    void carry_out(const screen::Redraw&) { terminal_.redraw(); }
    void carry_out(const screen::Suspend&) { suspend(); }
    void carry_out(const screen::Quit&) { over_ = true; }

    void suspend()
    {
        terminal_.give_back();
        Signals::stop();
        terminal_.retake();
    }

    const Options& options_;
    const screen::GlyphSet glyphs_;
    Signals& signals_;
    screen::Model model_;
    bool over_ = false;
    int ended_by_ = 0;

    Inbox inbox_;
    std::optional<Player> player_; // these threads use the inbox
    std::optional<Link> link_;
    std::unique_ptr<OperatorCall> question_, operation_;
    Terminal terminal_; // last: it is given back before anything else has to end
};

ExitCode code_of(const screen::Model& model)
{
    if (is_old(model) || !model.record.status)
        return ExitCode::unreachable;
    return model.record.status->serving ? ExitCode::ok : ExitCode::not_ready;
}

} // namespace

ExitCode show_live(const Options& options)
{
    const auto traits = terminal_traits();
    if (is_dumb(traits) || ::isatty(STDIN_FILENO) != 1)
        throw UnknownTerminal{};
    const auto glyphs = glyphs_for(options.glyphs, traits);
    if (glyphs != screen::GlyphSet::ascii && traits.codeset != "UTF-8")
        std::setlocale(LC_CTYPE, "C.UTF-8"); // they were asked for by name

    Signals signals;
    int ended_by = 0;
    auto code = ExitCode::ok;
    {
        LiveScreen live{options, glyphs, colours_for(options.colour, traits), signals};
        ended_by = live.run();
        code = code_of(live.model());
    }
    if (ended_by != 0)
        Signals::die_of(ended_by);
    return code;
}

} // namespace embedd::console
