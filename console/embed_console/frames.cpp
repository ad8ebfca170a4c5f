#include "console/embed_console/frames.hpp"

#include "console/embed_console/clock.hpp"
#include "console/embed_console/operator_call.hpp"
#include "console/embed_console/recording.hpp"
#include "console/presentation/status_view.hpp"
#include "console/presentation/units.hpp"
#include "console/screen/render.hpp"
#include "ipc/json.hpp"

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace embedd::console {

namespace {

ExitCode complain(const ipc::CallFailure& failure)
{
    std::fprintf(stderr, "embed-console: %s\n", describe(failure).c_str());
    return exit_code_of(failure);
}

ExitCode code_of(const ipc::Status& status)
{
    return status.serving ? ExitCode::ok : ExitCode::not_ready;
}

screen::Size size_of_output(const Options& options)
{
    if (options.size)
        return *options.size;
    winsize terminal{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &terminal) == 0 && terminal.ws_col > 0 && terminal.ws_row > 0)
        return {.width = terminal.ws_col, .height = terminal.ws_row};
    return {.width = 80, .height = 24};
}

// False when nobody reads any more.
bool print(const std::string& text)
{
    return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
}

// The screen without its terminal: what comes changes the model, and frames are drawn of it.
class Frames {
public:
    Frames(const Options& options, std::string source)
        : options_(options), size_(size_of_output(options)),
          glyphs_(glyphs_for(options.glyphs, terminal_traits()))
    {
        model_.access = access_of(options);
        model_.interval_us = static_cast<std::uint64_t>(options.interval.count()) * 1000;
        model_.link.socket = std::move(source);
    }

    void take(const screen::Event& event)
    {
        auto step = update(std::move(model_), event);
        model_ = std::move(step.model);
        for (const auto& command : step.commands)
            if (const auto* question = std::get_if<screen::AskDryRun>(&command))
                ask(question->action);
    }

    // False when there are to be no more.
    bool draw()
    {
        for (const auto& key : std::exchange(keys_, {}))
            take(key);
        const bool read = print(render(model_, size_, glyphs_).text());
        return ++drawn_ != options_.rounds && read;
    }

    [[nodiscard]] ExitCode code() const
    {
        if (!model_.record.status || model_.link.state != screen::Link::State::live)
            return ExitCode::unreachable;
        return code_of(*model_.record.status);
    }

private:
    // A question changes nothing, so it may be asked; what it is the question to is never carried out here.
    void ask(const screen::Action& action)
    {
        ipc::Client client{
            {.socket = model_.link.socket, .timeout = options_.target.timeout, .name = options_.target.name}};
        take(screen::DryRunAnswered{action, dry_run(client, action)});
    }

    const Options& options_;
    const screen::Size size_;
    const screen::GlyphSet glyphs_;
    screen::Model model_;
    std::vector<screen::Key> keys_ = options_.keys;
    std::size_t drawn_ = 0;
};

ExitCode frames_of_recording(const Options& options)
{
    Recording recording{*options.replay};
    Frames frames{options, options.replay->string()};
    const bool last_alone = options.rounds == 1U;
    bool goes_on = true;
    while (goes_on) {
        auto recorded = recording.next();
        if (!recorded)
            break;
        const auto at_us = recorded->at_us;
        frames.take(event_of(*std::move(recorded), at_us));
        goes_on = last_alone || frames.draw();
    }
    if (last_alone)
        frames.draw();
    return frames.code();
}

ExitCode frames_of_daemon(const Options& options)
{
    const auto found = locate(options.target);
    if (!found)
        return complain(found.error());
    std::optional<Recorder> recorder;
    if (options.record)
        recorder.emplace(*options.record);
    Frames frames{options, found->socket.string()};
    const auto end = ipc::Client{*found}.subscribe(options.interval, [&](ipc::SubscribeEvent event) {
        Recorded heard{.at_us = now_us(), .wall_time = wall_time(), .what = std::move(event)};
        if (recorder)
            recorder->keep(heard);
        const auto at_us = heard.at_us;
        frames.take(event_of(std::move(heard), at_us));
        return frames.draw();
    });
    return end ? frames.code() : complain(end.error());
}

// A daemon that is away for a while is one line of complaint a round, and the rounds go on.
ExitCode objects_of_daemon(const Options& options)
{
    auto code = ExitCode::ok;
    for (std::size_t done = 1;; ++done) {
        const auto answer = [&]() -> ipc::CallResult<ipc::Frame> {
            const auto found = locate(options.target);
            if (!found)
                return found.error();
            ipc::Request request;
            request.operation = ipc::StatusRequest{};
            return ipc::Client{*found}.call(std::move(request));
        }();
        if (!answer) {
            code = complain(answer.error());
        } else {
            const auto object = ipc::parse_json(answer->header, {.depth = 32});
            const auto status = ipc::parse_reply<ipc::StatusReply>(answer->header);
            if (!object || !status)
                return complain(
                    {.link = ipc::LinkFault::malformed, .error = object ? status.error() : object.error()});
            code = code_of(status->status);
            if (!print(ipc::dump_json((*object)["status"]) + '\n'))
                return ExitCode::failed;
        }
        if (done == options.rounds)
            return code;
        ::poll(nullptr, 0, static_cast<int>(options.interval.count()));
    }
}

} // namespace

ExitCode show_frames(const Options& options)
{
    if (options.wait_ready) {
        auto target = options.target;
        target.timeout = *options.wait_ready;
        const auto status = wait_until_serving(target);
        if (!status)
            return complain(status.error());
        if (!status->serving) {
            std::fprintf(stderr, "embed-console: not ready within %s: %s\n",
                         format_duration(target.timeout).c_str(), headline(*status).c_str());
            return ExitCode::not_ready;
        }
    }
    if (options.json)
        return objects_of_daemon(options);
    return options.replay ? frames_of_recording(options) : frames_of_daemon(options);
}

} // namespace embedd::console
