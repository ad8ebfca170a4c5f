#include "bench/command.hpp"
#include "bench/own_daemon.hpp"
#include "bench/rewarm.hpp"

#include <memory>

namespace embedd::bench {

namespace {

using nlohmann::json;

// Enough for the texts of a window to differ; it begins again where it answers more.
constexpr std::uint64_t different_requests = 4096;

struct Options {
    std::vector<std::string> texts{"short", "mixed", "long"};
    std::size_t batch_size = 1;
    std::size_t concurrency = 64;
    std::int64_t seconds = 10;
    std::uint64_t pairs = 3;
    bool judged = false;
    RewarmBars bars;
    std::vector<std::string> daemon_arguments;
};

void run(const Settings& settings, const Options& options)
{
    const OwnDaemon daemon{settings.own_daemon(options.daemon_arguments)};

    json rows = json::array();
    std::vector<std::string> missed;
    for (const auto& kind : options.texts) {
        tell(kind + " texts, windows of " + std::to_string(options.seconds) +
             " s: " + std::to_string(options.pairs) + " without and " + std::to_string(options.pairs) +
             " with a re-warm");
        const auto times = measure_rewarm({.load = {.socket = daemon.socket(),
                                                    .texts = text_kind_from(kind).value_or(TextKind::mixed),
                                                    .words = {},
                                                    .batch_size = options.batch_size,
                                                    .requests = different_requests,
                                                    .time = std::chrono::seconds{options.seconds},
                                                    .concurrency = options.concurrency,
                                                    .rate = {}},
                                           .pairs = options.pairs});
        const auto summary = summarize(times);
        rows.push_back({{"texts", kind},
                        {"without tokens/s", or_null(summary.without_per_second)},
                        {"with tokens/s", or_null(summary.with_per_second)},
                        {"with ÷ without", or_null(summary.ratio)},
                        {"failed", summary.failed},
                        {"without p99 ms", milliseconds(times.without.latency.quantile(0.99))},
                        {"with p99 ms", milliseconds(times.with.latency.quantile(0.99))},
                        {"added p99 ms", milliseconds(summary.added_p99)},
                        {"re-warms", times.rewarms.size()},
                        {"a re-warm ms", milliseconds(summary.rewarm)}});
        for (const auto& bar : missed_bars(summary, options.bars))
            missed.push_back(kind + " texts: " + bar);
        for (const auto* result : {&times.without, &times.with})
            if (result->failed > 0)
                tell("the first request that failed: " + result->first_error);
    }
    print(settings,
          {"texts", "without tokens/s", "with tokens/s", "with ÷ without", "failed", "without p99 ms",
           "with p99 ms", "added p99 ms", "re-warms", "a re-warm ms"},
          rows);
    if (options.judged)
        assert_none(missed);
}

} // namespace

void add_rewarm(CLI::App& app, const Settings& settings)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("rewarm", "What a re-warm costs the clients that it goes on beside");
    command->add_option("--texts", options->texts, "short, mixed, long")
        ->delimiter(',')
        ->check(CLI::IsMember({"short", "mixed", "long"}));
    command->add_option("--batch-size", options->batch_size, "Texts a request")->check(CLI::PositiveNumber);
    command->add_option("--concurrency", options->concurrency, "Connections")->check(CLI::Range(1, 10000));
    command->add_option("--seconds", options->seconds, "Of each window")->check(CLI::Range(1, 3600));
    command->add_option("--pairs", options->pairs, "Windows of each kind, in turns")
        ->check(CLI::Range(1, 1000));
    command->add_flag("--assert", options->judged, "Fail where a bar is missed");
    command->add_option("--assert-ratio", options->bars.ratio, "Throughput with ÷ without a re-warm")
        ->check(CLI::PositiveNumber);
    command->add_option("arguments", options->daemon_arguments, "Options for embedd, after --");
    command->callback([&settings, options] { run(settings, *options); });
}

} // namespace embedd::bench
