#include "bench/chaos.hpp"
#include "bench/command.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace embedd::bench {

namespace {

using nlohmann::json;

struct Options {
    std::size_t clients = 16;
    std::size_t events = 100;
    std::uint64_t seed = 1;
    bool quick = false;
    bool judged = false;
    std::vector<std::string> daemon_arguments;
};

std::uint64_t retries_in_all(const ChaosTally& tally)
{
    std::uint64_t all = 0;
    for (const auto& [cause, times] : tally.retried)
        all += times;
    return all;
}

json row_of(const Chaos& chaos)
{
    const auto& tally = chaos.tally;
    return {{"requests", tally.requests},
            {"answered", tally.answered},
            {"retries", retries_in_all(tally)},
            {"by cause", tally.retried},
            {"failed", tally.failed},
            {"duplicates", tally.duplicates},
            {"wrong", tally.wrong},
            {"longest stall ms", tally.longest_stall.count()},
            {"seconds", static_cast<double>(chaos.elapsed.count()) / 1e3}};
}

json rows_of(const std::map<std::string, Times>& recoveries)
{
    json rows = json::array();
    for (const auto& [name, times] : recoveries)
        rows.push_back({{"event", name},
                        {"count", times.size()},
                        {"recovery p50 ms", milliseconds(median(times))},
                        {"longest ms", milliseconds(*std::max_element(times.begin(), times.end()))}});
    return rows;
}

void run(const Settings& settings, const Options& options)
{
    ChaosOptions measurement{.daemon = settings.own_daemon(options.daemon_arguments),
                             .clients = options.clients,
                             .events = options.events,
                             .seed = options.seed};
    if (const char* faults = std::getenv("EMBEDD_FAKE_CONTROL"))
        measurement.faults = faults;
    if (options.quick) {
        measurement.events = 20;
        measurement.steady = std::chrono::milliseconds{300};
    }
    const auto chaos = measure_chaos(measurement, tell);
    if (settings.as_json) {
        print(settings, {}, {{"clients", row_of(chaos)}, {"events", rows_of(chaos.recoveries)}});
    } else {
        print(settings,
              {"requests", "answered", "retries", "by cause", "failed", "duplicates", "wrong",
               "longest stall ms", "seconds"},
              json::array({row_of(chaos)}));
        std::puts("");
        print(settings, {"event", "count", "recovery p50 ms", "longest ms"}, rows_of(chaos.recoveries));
    }
    if (options.judged)
        assert_none(missed_bars(chaos));
}

} // namespace

void add_chaos(CLI::App& app, const Settings& settings)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("chaos", "Steady load while workers and the daemon are killed");
    command->add_option("--clients", options->clients, "Connections")->check(CLI::Range(1, 1000));
    command->add_option("--events", options->events, "One after another")->check(CLI::Range(1, 1'000'000));
    command->add_option("--seed", options->seed, "Of the events and the texts");
    command->add_flag("--short", options->quick, "20 events with little time between them");
    command->add_flag("--assert", options->judged,
                      "Fail where anything failed, or was answered twice or wrongly");
    command->add_option("arguments", options->daemon_arguments, "Options for embedd, after --");
    command->callback([&settings, options] { run(settings, *options); });
}

} // namespace embedd::bench
