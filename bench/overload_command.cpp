#include "bench/command.hpp"
#include "bench/overload.hpp"
#include "bench/own_daemon.hpp"

#include <cstdio>
#include <memory>

namespace embedd::bench {

namespace {

using nlohmann::json;

struct Options {
    std::string texts = "mixed";
    std::int64_t seconds = 60;
    std::int64_t timeout_ms = 1000;
    std::size_t connections = 8;
    double factor = 3;
    bool judged = false;
    OverloadBars bars;
    std::vector<std::string> daemon_arguments;
};

json mebibytes(std::uint64_t bytes)
{
    return static_cast<double>(bytes) / (1 << 20);
}

json share_in_time(const OpenLoopResult& load)
{
    if (load.accepted() == 0)
        return {};
    return 100.0 * static_cast<double>(load.in_time) / static_cast<double>(load.accepted());
}

json row_of(const Overload& measured)
{
    const auto& load = measured.load;
    json row{{"capacity requests/s", measured.capacity_requests},
             {"capacity tokens/s", measured.capacity_tokens},
             {"due", load.due},
             {"sent", load.sent},
             {"in time", load.in_time},
             {"late", load.late},
             {"deadline_exceeded", load.deadline_exceeded},
             {"overloaded", load.overloaded},
             {"without retry_after_ms", load.overloaded_unhinted},
             {"unanswered", load.unanswered},
             {"other", load.other},
             {"% in time of accepted", share_in_time(load)},
             {"p50 ms", milliseconds(load.latency.quantile(0.5))},
             {"p99 ms", milliseconds(load.latency.quantile(0.99))},
             {"max ms", milliseconds(load.latency.max())},
             {"retry_after p50 ms", milliseconds(load.retry_after.quantile(0.5))},
             {"retry_after p99 ms", milliseconds(load.retry_after.quantile(0.99))},
             {"retry_after max ms", milliseconds(load.retry_after.max())},
             {"after", measured.tokens_after},
             {"refused after", measured.refused_after},
             {"recovered ms", measured.recovered ? json(measured.recovered->count()) : json()}};
    for (const auto& [when, memory] :
         {std::pair{"before", measured.before}, {"peak", measured.peak}, {"after", measured.after}}) {
        row[std::string{"RSS MiB "} + when] = mebibytes(memory.resident_bytes);
        row[std::string{"PSS MiB "} + when] = mebibytes(memory.proportional_bytes);
    }
    return row;
}

// One run has too many figures for one line.
void print_overload(const Settings& settings, const json& row)
{
    const auto rows = json::array({row});
    if (settings.as_json)
        return print(settings, {}, rows);
    const std::vector<std::vector<std::string>> lines{
        {"capacity requests/s", "capacity tokens/s", "due", "sent"},
        {"in time", "late", "deadline_exceeded", "overloaded", "without retry_after_ms", "unanswered",
         "other"},
        {"% in time of accepted", "p50 ms", "p99 ms", "max ms"},
        {"retry_after p50 ms", "retry_after p99 ms", "retry_after max ms"},
        {"RSS MiB before", "RSS MiB peak", "RSS MiB after", "PSS MiB before", "PSS MiB peak",
         "PSS MiB after"},
        {"recovered ms", "refused after"}};
    for (const auto& columns : lines) {
        print(settings, columns, rows);
        std::puts("");
    }
    json seconds = json::array();
    for (std::size_t i = 0; i < row["after"].size(); ++i)
        seconds.push_back(
            {{"second after", i + 1},
             {"tokens/s", row["after"][i]},
             {"of capacity", row["after"][i].get<double>() / row["capacity tokens/s"].get<double>()}});
    print(settings, {"second after", "tokens/s", "of capacity"}, seconds);
}

void run(const Settings& settings, const Options& options)
{
    const OwnDaemon daemon{settings.own_daemon(options.daemon_arguments)};
    const auto measured = measure_overload({.socket = daemon.socket(),
                                            .daemon = daemon.pid(),
                                            .texts = text_kind_from(options.texts).value_or(TextKind::mixed),
                                            .factor = options.factor,
                                            .time = std::chrono::seconds{options.seconds},
                                            .connections = options.connections,
                                            .timeout = std::chrono::milliseconds{options.timeout_ms}},
                                           tell);
    print_overload(settings, row_of(measured));
    if (options.judged)
        assert_none(missed_bars(measured, options.bars));
}

} // namespace

void add_overload(CLI::App& app, const Settings& settings)
{
    const auto options = std::make_shared<Options>();
    auto* command =
        app.add_subcommand("overload", "Several times what the daemon can do, and what comes after");
    command->add_option("--texts", options->texts, "short, mixed or long")
        ->check(CLI::IsMember({"short", "mixed", "long"}));
    command->add_option("--factor", options->factor, "Times the capacity")->check(CLI::Range(0.1, 1000.0));
    command->add_option("--seconds", options->seconds, "Of the overload")->check(CLI::Range(1, 3600));
    command->add_option("--timeout-ms", options->timeout_ms, "Of each request")
        ->check(CLI::Range(1, 600'000));
    command->add_option("--connections", options->connections, "That it comes over")
        ->check(CLI::Range(1, 1000));
    command->add_flag("--assert", options->judged, "Fail where a bar is missed");
    command->add_option("--assert-in-time", options->bars.in_time, "Share of the accepted")
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("arguments", options->daemon_arguments, "Options for embedd, after --");
    command->callback([&settings, options] { run(settings, *options); });
}

} // namespace embedd::bench
