#include "bench/watched_window.hpp"

#include "bench/let_pass.hpp"
#include "bench/process_time.hpp"
#include "bench/running_console.hpp"
#include "bench/traffic.hpp"

#include <memory>

namespace embedd::bench {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

using Reader = PseudoTerminal::Reader;

constexpr std::size_t different_requests = 4096;
constexpr milliseconds shortest_interval{100};
constexpr milliseconds settled{1500};
constexpr std::chrono::seconds drawn_limit{30};

// Those who watch, for as long as one window: all have drawn for a while when this is made.
class Audience {
public:
    Audience(const WatchOptions& options, Watchers watchers)
    {
        const RunningConsole::Plan plan{options.console, options.socket, options.interval};
        const RunningConsole::Plan eager{options.console, options.socket, shortest_interval};
        if (watchers != Watchers::none)
            for (std::uint64_t i = 0; i < options.consoles; ++i)
                consoles_.push_back(std::make_unique<RunningConsole>(plan, Reader::reads));
        if (watchers == Watchers::burdens_too) {
            stopped_ = std::make_unique<RunningConsole>(eager, Reader::reads);
            unread_ = std::make_unique<RunningConsole>(eager, Reader::sleeps);
        }
        for (const auto& console : consoles_)
            console->wait_until_drawn(drawn_limit);
        if (stopped_)
            stopped_->wait_until_drawn(drawn_limit);
        let_pass(settled);
        if (stopped_)
            stopped_->stop();
    }

    // Throws where one of the burdens ended by itself.
    void check() const
    {
        for (auto* burden : {stopped_.get(), unread_.get()})
            if (burden)
                static_cast<void>(burden->pid());
    }

    [[nodiscard]] const std::vector<std::unique_ptr<RunningConsole>>& consoles() const { return consoles_; }

private:
    std::vector<std::unique_ptr<RunningConsole>> consoles_;
    std::unique_ptr<RunningConsole> stopped_, unread_;
};

double share(std::chrono::nanoseconds used, steady_clock::duration of)
{
    return std::chrono::duration<double>(used) / of;
}

struct Looked {
    WatchedWindow figures;
    Window window;
};

Looked look(const WatchOptions& options, Watchers watchers, bool loaded)
{
    const Audience audience{options, watchers};
    std::vector<std::chrono::nanoseconds> used_before;
    for (const auto& console : audience.consoles()) {
        used_before.push_back(processor_time_of(console->pid()));
        console->terminal().count_anew();
    }
    const auto daemon_before = processor_time_of(options.daemon);
    const auto from = steady_clock::now();
    let_pass(options.time);
    const auto time = steady_clock::now() - from;
    audience.check();

    Looked looked{.figures = {.watchers = watchers,
                              .loaded = loaded,
                              .daemon_core = share(processor_time_of(options.daemon) - daemon_before, time),
                              .consoles = {}},
                  .window = {from, from + time}};
    for (std::size_t i = 0; i < audience.consoles().size(); ++i) {
        auto& console = *audience.consoles()[i];
        const auto written = console.terminal().written();
        looked.figures.consoles.push_back(
            {.core = share(processor_time_of(console.pid()) - used_before[i], time),
             .memory = memory_of(console.pid()),
             .bytes_per_second =
                 static_cast<double>(written.bytes) / std::chrono::duration<double>(time).count(),
             .longest_silence = written.longest_silence});
    }
    return looked;
}

} // namespace

std::vector<WatchedWindow> watch_windows(const WatchOptions& options, const WatchProgress& note)
{
    std::vector<WatchedWindow> windows;
    note(std::to_string(options.consoles) + " consoles and an idle daemon");
    for (std::uint64_t round = 0; round < options.rounds; ++round)
        for (const auto watchers : {Watchers::none, Watchers::consoles})
            windows.push_back(look(options, watchers, false).figures);

    note("the same under the load of " + std::to_string(options.clients) +
         " clients, and with a stopped and an unread console too");
    RunningTraffic traffic{options.socket,
                           {.requests = draw_requests(Texts{options.texts, 1}, different_requests, 1),
                            .connections = options.clients}};
    std::vector<Looked> loaded;
    for (std::uint64_t round = 0; round < options.rounds; ++round)
        for (const auto watchers : {Watchers::none, Watchers::consoles, Watchers::burdens_too})
            loaded.push_back(look(options, watchers, true));
    const auto result = all_answered(traffic.finish());
    for (auto& looked : loaded) {
        looked.figures.tokens_per_second = tokens_per_second(result.answers, looked.window);
        windows.push_back(std::move(looked.figures));
    }
    return windows;
}

} // namespace embedd::bench
