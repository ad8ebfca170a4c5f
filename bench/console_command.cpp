#include "bench/command.hpp"
#include "bench/console_cost.hpp"
#include "bench/own_daemon.hpp"
#include "bench/token_requests.hpp"

#include <memory>

namespace embedd::bench {

namespace {

using nlohmann::json;

struct Options {
    std::uint64_t consoles = 4;
    std::int64_t seconds = 10;
    std::int64_t interval_ms = 1000;
    std::uint64_t rounds = 3;
    std::size_t clients = 64;
    std::string texts = "short";
    bool judged = false;
    ConsoleBars bars;
    std::vector<std::string> daemon_arguments;
};

double mebibytes(std::uint64_t bytes)
{
    return static_cast<double>(bytes) / (1 << 20);
}

std::string who(const ConsoleCost& cost)
{
    switch (cost.watchers) {
    case Watchers::none:
        return "nobody";
    case Watchers::consoles:
        return std::to_string(cost.use->consoles);
    case Watchers::burdens_too:
        return std::to_string(cost.use->consoles) + ", a stopped and an unread one";
    }
    return {};
}

json row_of(const ConsoleCost& cost)
{
    json row{{"load", cost.loaded ? "yes" : "no"},
             {"consoles", who(cost)},
             {"tokens/s", or_null(cost.tokens_per_second)},
             {"ratio", or_null(cost.ratio)},
             {"daemon % of a core", 100 * cost.daemon_core}};
    if (const auto& use = cost.use)
        row.update({{"a console adds %", 100 * use->added_daemon_core},
                    {"console % of a core", 100 * use->core},
                    {"most %", 100 * use->most_core},
                    {"PSS MiB", mebibytes(use->memory.proportional_bytes)},
                    {"RSS MiB", mebibytes(use->memory.resident_bytes)},
                    {"bytes/s", use->bytes_per_second},
                    {"longest silence ms", milliseconds(use->longest_silence)}});
    return row;
}

void run(const Settings& settings, const Options& options)
{
    std::optional<OwnDaemon> own;
    if (!settings.socket)
        own.emplace(settings.own_daemon(options.daemon_arguments));
    const auto socket = own ? own->socket() : settings.reachable_socket();

    const auto costs =
        summarize(watch_windows({.socket = socket,
                                 .daemon = static_cast<pid_t>(status_of(socket).pid),
                                 .console = sibling("embed-console"),
                                 .consoles = options.consoles,
                                 .interval = std::chrono::milliseconds{options.interval_ms},
                                 .time = std::chrono::seconds{options.seconds},
                                 .rounds = options.rounds,
                                 .clients = options.clients,
                                 .texts = text_kind_from(options.texts).value_or(TextKind::short_)},
                                tell));
    json rows = json::array();
    for (const auto& cost : costs)
        rows.push_back(row_of(cost));
    print(settings,
          {"load", "consoles", "tokens/s", "ratio", "daemon % of a core", "a console adds %",
           "console % of a core", "most %", "PSS MiB", "RSS MiB", "bytes/s", "longest silence ms"},
          rows);
    if (options.judged)
        assert_none(missed_bars(costs, options.bars));
}

} // namespace

void add_console(CLI::App& app, const Settings& settings)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("console", "What consoles that watch cost: themselves and the daemon");
    command->add_option("--consoles", options->consoles, "How many watch")->check(CLI::Range(1, 256));
    command->add_option("--seconds", options->seconds, "Of each window")->check(CLI::Range(1, 3600));
    command->add_option("--interval", options->interval_ms, "Of the consoles, ms")
        ->check(CLI::Range(100, 10'000));
    command->add_option("--rounds", options->rounds, "Of the windows")->check(CLI::Range(1, 1000));
    command->add_option("--clients", options->clients, "Of the load, one text each")
        ->check(CLI::Range(1, 10'000));
    command->add_option("--texts", options->texts, "short, mixed, long")
        ->check(CLI::IsMember({"short", "mixed", "long"}));
    command->add_flag("--assert", options->judged, "Fail where a bar is missed");
    command->add_option("--assert-core", options->bars.core, "Share of a core's time, of a console")
        ->check(CLI::PositiveNumber);
    command->add_option("--assert-ratio", options->bars.ratio, "Throughput with ÷ without consoles")
        ->check(CLI::PositiveNumber);
    command->add_option("arguments", options->daemon_arguments, "Options for embedd, after --");
    command->callback([&settings, options] { run(settings, *options); });
}

} // namespace embedd::bench
