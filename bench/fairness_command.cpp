#include "bench/command.hpp"
#include "bench/fairness.hpp"
#include "bench/own_daemon.hpp"
#include "bench/ratio.hpp"
#include "bench/report.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace embedd::bench {

namespace {

using nlohmann::json;

struct Options {
    std::vector<std::string> parts{"interactive", "equals", "floor", "gathering"};
    std::vector<std::string> texts{"short", "mixed", "long"};
    std::int64_t seconds = 10;
    std::uint64_t pairs = 3;
    bool judged = false;
    FairnessBars bars;
    std::vector<std::string> daemon_arguments;
};

// What is printed: a table for each part, or all of them as one JSON object.
class Tables {
public:
    explicit Tables(const Settings& settings) : settings_(settings) {}

    void add(const std::string& name, const std::vector<std::string>& columns, json rows)
    {
        if (settings_.as_json)
            all_[name] = std::move(rows);
        else
            std::printf("%s%s", empty_ ? "" : "\n", table(columns, rows).c_str());
        empty_ = false;
    }

    void end() const
    {
        if (settings_.as_json)
            std::printf("%s\n", all_.dump(2).c_str());
    }

private:
    const Settings& settings_;
    json all_ = json::object();
    bool empty_ = true;
};

using Missed = std::vector<std::string>;

void add(Missed& all, const Missed& more)
{
    all.insert(all.end(), more.begin(), more.end());
}

void run_interactive(const FairnessOptions& options, Tables& tables, Missed& missed)
{
    tell("one short text at a time, alone and beside 10,000-text jobs");
    const auto measured = measure_interference(options);
    tables.add("interactive",
               {"alone p50 ms", "alone p99 ms", "beside p50 ms", "beside p99 ms", "a full batch ms",
                "forward p99 ms", "bound ms"},
               {{{"alone p50 ms", milliseconds(measured.alone_p50)},
                 {"alone p99 ms", milliseconds(measured.alone_p99)},
                 {"beside p50 ms", milliseconds(measured.beside_p50)},
                 {"beside p99 ms", milliseconds(measured.beside_p99)},
                 {"a full batch ms", milliseconds(measured.full_batch)},
                 {"forward p99 ms", milliseconds(measured.forward_p99)},
                 {"bound ms", milliseconds(measured.bound())}}});
    add(missed, missed_bars(measured));
}

void run_equals(const FairnessOptions& options, const FairnessBars& bars, Tables& tables, Missed& missed)
{
    tell("two equal clients with a backlog each");
    const auto shares = measure_equal_shares(options);
    tables.add("equals", {"first tokens", "second tokens", "share of the first"},
               {{{"first tokens", shares.first},
                 {"second tokens", shares.second},
                 {"share of the first", or_null(shares.of_first())}}});
    add(missed, missed_bars_of_equals(shares, bars));
}

void run_floor(const FairnessOptions& options, const FairnessBars& bars, Tables& tables, Missed& missed)
{
    tell("batch priority beside 64 interactive clients");
    const auto shares = measure_floor(options);
    tables.add("floor", {"batch tokens", "interactive tokens", "share of batch"},
               {{{"batch tokens", shares.first},
                 {"interactive tokens", shares.second},
                 {"share of batch", or_null(shares.of_first())}}});
    add(missed, missed_bars_of_floor(shares, bars));
}

void run_gathering(const FairnessOptions& options, const Options& asked, Tables& tables, Missed& missed)
{
    json rows = json::array();
    for (const auto& kind : asked.texts) {
        tell(kind + " texts: 64 clients with one each against one that keeps full batches waiting, " +
             std::to_string(options.pairs) + " pairs");
        const auto measured = measure_gathering(options, text_kind_from(kind).value_or(TextKind::mixed));
        rows.push_back({{"texts", kind},
                        {"64 clients tokens/s", or_null(median(measured.many))},
                        {"one client tokens/s", or_null(median(measured.one))},
                        {"ratio", or_null(median(measured.ratios))},
                        {"ratios", measured.ratios}});
        for (const auto& bar : missed_bars(measured, asked.bars))
            missed.push_back(kind + " texts: " + bar);
    }
    tables.add("gathering", {"texts", "64 clients tokens/s", "one client tokens/s", "ratio"},
               std::move(rows));
}

void run(const Settings& settings, const Options& options)
{
    const OwnDaemon daemon{settings.own_daemon(options.daemon_arguments)};
    const FairnessOptions measurement{
        .socket = daemon.socket(), .time = std::chrono::seconds{options.seconds}, .pairs = options.pairs};
    Tables tables{settings};
    Missed missed;
    const auto asked = [&options](const char* part) {
        return std::find(options.parts.begin(), options.parts.end(), part) != options.parts.end();
    };
    if (asked("interactive"))
        run_interactive(measurement, tables, missed);
    if (asked("equals"))
        run_equals(measurement, options.bars, tables, missed);
    if (asked("floor"))
        run_floor(measurement, options.bars, tables, missed);
    if (asked("gathering"))
        run_gathering(measurement, options, tables, missed);
    tables.end();
    if (options.judged)
        assert_none(missed);
}

} // namespace

void add_fairness(CLI::App& app, const Settings& settings)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("fairness", "What clients beside each other get");
    command->add_option("--parts", options->parts, "interactive, equals, floor, gathering")
        ->delimiter(',')
        ->check(CLI::IsMember({"interactive", "equals", "floor", "gathering"}));
    command->add_option("--texts", options->texts, "short, mixed, long (gathering)")
        ->delimiter(',')
        ->check(CLI::IsMember({"short", "mixed", "long"}));
    command->add_option("--seconds", options->seconds, "Of each window")->check(CLI::Range(1, 3600));
    command->add_option("--pairs", options->pairs, "Windows of each kind, in turns (gathering)")
        ->check(CLI::Range(1, 1000));
    command->add_flag("--assert", options->judged, "Fail where a bar is missed");
    command->add_option("--assert-apart", options->bars.apart, "Between the shares of equals")
        ->check(CLI::PositiveNumber);
    command->add_option("--assert-floor", options->bars.floor, "Least share of batch priority")
        ->check(CLI::PositiveNumber);
    command->add_option("--assert-ratio", options->bars.gathering, "64 clients ÷ one")
        ->check(CLI::PositiveNumber);
    command->add_option("arguments", options->daemon_arguments, "Options for embedd, after --");
    command->callback([&settings, options] { run(settings, *options); });
}

} // namespace embedd::bench
