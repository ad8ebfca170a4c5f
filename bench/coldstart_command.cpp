#include "bench/coldstart.hpp"
#include "bench/command.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <utility>

namespace embedd::bench {

namespace {

using nlohmann::json;

struct Options {
    std::vector<std::string> variants{"default", "unwarmed", "bare"};
    std::uint64_t runs = 5;
    std::uint64_t requests = 1000;
    std::uint64_t seed = 1;
    bool judged = false;
    ColdstartBars bars;
    double ready_seconds = bars.ready.count();
    std::vector<std::string> daemon_arguments;
};

json of_ratio(const std::optional<Ratio>& ratio, double Ratio::* which)
{
    return ratio ? json((*ratio).*which) : json();
}

json milliseconds_of(std::optional<std::uint64_t> us)
{
    return us ? json(static_cast<double>(*us) / 1e3) : json();
}

// Each length: the first draw of its rung and the control, medians over starts.
json lengths_of(const VariantTimes& times)
{
    json rows = json::array();
    if (times.lengths.empty())
        return rows;
    for (std::size_t number = 0; number < times.lengths.front().size(); ++number) {
        Times firsts, controls;
        for (const auto& start : times.lengths) {
            firsts.push_back(start[number].firsts.front());
            controls.push_back(*median(start[number].controls));
        }
        rows.push_back({{"length", times.lengths.front()[number].length},
                        {"first ms", milliseconds(median(firsts))},
                        {"control ms", milliseconds(median(controls))},
                        {"first ÷ control", or_null(ratio_of_rung(times.lengths, number))}});
    }
    std::sort(rows.begin(), rows.end(),
              [](const json& a, const json& b) { return a["length"] < b["length"]; });
    return rows;
}

// Medians over the starts, by the phase's name.
json phases_of(const VariantTimes& times)
{
    std::map<std::string, Times> phases;
    for (const auto& end : times.ends)
        for (const auto& phase : end.phases)
            if (phase.duration_us)
                phases[phase.name].emplace_back(static_cast<std::int64_t>(*phase.duration_us));
    json row = json::object();
    for (const auto& [name, durations] : phases)
        row[name] = milliseconds(median(durations));
    return row;
}

// What the daemon's own warm-up measured last, in the stage that verifies it.
json verified_by(const VariantTimes& times)
{
    json rows = json::array();
    if (times.ends.empty() || !times.ends.back().warm_up)
        return rows;
    for (const auto& cell : times.ends.back().warm_up->cells)
        if (cell.stage == "verify" && cell.first_us && cell.control_us && *cell.control_us > 0)
            rows.push_back({{"length", cell.length},
                            {"first ms", milliseconds_of(cell.first_us)},
                            {"control ms", milliseconds_of(cell.control_us)},
                            {"first ÷ control",
                             static_cast<double>(*cell.first_us) / static_cast<double>(*cell.control_us)}});
    return rows;
}

json row_of(const VariantTimes& times)
{
    const auto summary = summarize(times);
    json row{{"variant", to_string(times.variant)},
             {"starts", times.to_ready.size()},
             {"exec → READY ms", milliseconds(summary.to_ready)},
             {"new rung", of_ratio(summary.rungs, &Ratio::median)},
             {"worst rung", of_ratio(summary.rungs, &Ratio::worst)},
             {"new length", of_ratio(summary.lengths, &Ratio::median)},
             {"worst length", of_ratio(summary.lengths, &Ratio::worst)},
             {"p99 ms", milliseconds(summary.p99)},
             {"max ms", milliseconds(summary.max)},
             {"> 1.5 ×", or_null(summary.slow_requests)},
             {"cold hits", or_null(summary.cold_hits)},
             {"lengths", lengths_of(times)}};
    if (summary.cold_start)
        row.update({{"cold shapes", summary.cold_start->shapes},
                    {"their first ms", milliseconds_of(summary.cold_start->first_us)},
                    {"later ms", milliseconds_of(summary.cold_start->steady_us)}});
    if (times.variant != Variant::bare)
        row.update({{"phases", phases_of(times)}, {"verified", verified_by(times)}});
    return row;
}

void print_title(const char* title)
{
    std::printf("\n%s\n", title);
}

void print_details(const Settings& settings, const json& rows)
{
    const std::vector<std::string> columns{"length", "first ms", "control ms", "first ÷ control"};
    for (const auto& row : rows) {
        const auto name = row["variant"].get<std::string>();
        print_title((name + ": the first request on each rung, and its control").c_str());
        print(settings, columns, row["lengths"]);
        if (row.contains("verified") && !row["verified"].empty()) {
            print_title((name + ": what the daemon's own warm-up verified").c_str());
            print(settings, columns, row["verified"]);
        }
        if (row.contains("phases") && !row["phases"].empty()) {
            json phases = json::array();
            for (const auto& [phase, duration] : row["phases"].items())
                phases.push_back({{"phase", phase}, {"ms", duration}});
            print_title((name + ": phases").c_str());
            print(settings, {"phase", "ms"}, phases);
        }
    }
}

void run(const Settings& settings, const Options& options)
{
    ColdstartOptions measured{.daemon = sibling("embedd"),
                              .worker = settings.worker,
                              .arguments = settings.daemon_arguments(options.daemon_arguments),
                              .variants = {},
                              .runs = options.runs,
                              .requests = options.requests,
                              .seed = options.seed};
    for (const auto& name : options.variants)
        if (const auto variant = variant_from(name))
            measured.variants.push_back(*variant);
    const auto variants = measure_coldstart(measured, tell);

    json rows = json::array();
    for (const auto& times : variants)
        rows.push_back(row_of(times));
    print(settings,
          {"variant", "starts", "exec → READY ms", "new rung", "worst rung", "new length", "worst length",
           "p99 ms", "max ms", "> 1.5 ×", "cold hits", "cold shapes", "their first ms", "later ms"},
          rows);
    if (!settings.as_json)
        print_details(settings, rows);
    if (options.judged) {
        auto bars = options.bars;
        bars.ready = std::chrono::duration<double>{options.ready_seconds};
        assert_none(missed_bars(variants, bars));
    }
}

} // namespace

void add_coldstart(CLI::App& app, const Settings& settings)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand(
        "coldstart", "What the first requests cost with warm-up, without it, and without embedd");
    command->add_option("--variants", options->variants, "Which, in turns: default, unwarmed, bare")
        ->delimiter(',')
        ->check(CLI::IsMember({"default", "unwarmed", "bare"}));
    command->add_option("--runs", options->runs, "Starts of each for its lengths, and as many for its shapes")
        ->check(CLI::Range(1, 100));
    command->add_option("--requests", options->requests, "Random shapes sent first in a start")
        ->check(CLI::PositiveNumber);
    command->add_option("--seed", options->seed, "Which lengths and shapes");
    command->add_flag("--assert", options->judged, "Fail where the default variant misses a bar");
    command->add_option("--assert-ratio", options->bars.ratio, "First ÷ control, median over lengths")
        ->check(CLI::PositiveNumber);
    command->add_option("--assert-worst", options->bars.worst, "First ÷ control of the worst length")
        ->check(CLI::PositiveNumber);
    command->add_option("--assert-ready", options->ready_seconds, "Seconds from exec to READY")
        ->check(CLI::PositiveNumber);
    command->add_option("arguments", options->daemon_arguments, "Options for embedd, after --");
    command->callback([&settings, options] { run(settings, *options); });
}

} // namespace embedd::bench
