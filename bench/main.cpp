#include "bench/ceiling.hpp"
#include "bench/child.hpp"
#include "bench/coldstart.hpp"
#include "bench/latency.hpp"
#include "bench/load.hpp"
#include "bench/report.hpp"
#include "ipc/client.hpp"
#include "ipc/endpoint.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace embedd;
using nlohmann::json;

struct Common {
    std::optional<std::string> socket;
    std::string model;
    std::string worker = bench::sibling("embedd-worker");
    bool as_json = false;

    [[nodiscard]] std::filesystem::path reachable_socket() const
    {
        const auto candidates = ipc::client_sockets(socket);
        auto found = ipc::first_reachable(candidates);
        if (!found)
            throw std::runtime_error(found.error().error.message);
        return *found;
    }
};

struct LoadCommand {
    std::vector<std::string> texts{"short", "mixed", "long"};
    std::optional<std::size_t> prompt_length;
    std::vector<std::size_t> batch_sizes{1, 16};
    std::uint64_t requests = 1024;
    std::size_t concurrency = 64;
    std::optional<double> rate;
    bool without_ceiling = false;
};

void print(const Common& common, const std::vector<std::string>& columns, const json& rows)
{
    std::fputs(common.as_json ? (rows.dump(2) + '\n').c_str() : bench::table(columns, rows).c_str(), stdout);
}

json milliseconds(std::optional<std::chrono::microseconds> value)
{
    return value ? json(static_cast<double>(value->count()) / 1e3) : json();
}

ipc::ModelStatus served_model(const std::filesystem::path& socket)
{
    ipc::Client client{{.socket = socket, .timeout = std::chrono::minutes{1}, .name = "embed-bench"}};
    auto info = client.info();
    if (!info)
        throw std::runtime_error(info.error().error.message);
    return info->model;
}

void run_ceiling(const Common& common, const std::vector<std::string>& dtypes)
{
    if (common.model.empty())
        throw std::runtime_error("--model DIR is needed: the ceiling is measured at its shapes");
    json rows = json::array();
    for (const auto& dtype : dtypes) {
        const auto ceiling = bench::measure_ceiling(common.worker, common.model, dtype);
        rows.push_back({{"dtype", ceiling.dtype}, {"lanes", ceiling.lanes}, {"GFLOP/s", ceiling.gflops}});
    }
    print(common, {"dtype", "lanes", "GFLOP/s"}, rows);
}

void run_load(const Common& common, const LoadCommand& command)
{
    const auto socket = common.reachable_socket();
    const auto model = served_model(socket);
    std::optional<bench::Ceiling> ceiling;
    if (!command.without_ceiling)
        ceiling = bench::measure_ceiling(common.worker, model.path, model.dtype);
    json rows = json::array();
    const auto kinds = command.prompt_length ? std::vector<std::string>{"fixed"} : command.texts;
    for (const auto& kind : kinds) {
        for (const auto batch_size : command.batch_sizes) {
            bench::LoadOptions options{.socket = socket,
                                       .words = command.prompt_length,
                                       .batch_size = batch_size,
                                       .requests = command.requests,
                                       .concurrency = command.concurrency,
                                       .rate = command.rate};
            options.texts = bench::text_kind_from(kind).value_or(bench::TextKind::mixed);
            const auto result = bench::run_load(options);
            const auto seconds = std::chrono::duration<double>(result.elapsed).count();
            const auto per_second = [&](std::uint64_t count) { return static_cast<double>(count) / seconds; };
            json row{{"texts", kind},
                     {"dtype", model.dtype},
                     {"a request", batch_size},
                     {"requests", result.requests},
                     {"failed", result.failed},
                     {"requests/s", per_second(result.requests)},
                     {"texts/s", per_second(result.texts)},
                     {"tokens/s", per_second(result.tokens)},
                     {"p50 ms", milliseconds(result.latency.quantile(0.5))},
                     {"p90 ms", milliseconds(result.latency.quantile(0.9))},
                     {"p99 ms", milliseconds(result.latency.quantile(0.99))},
                     {"max ms", milliseconds(result.latency.max())}};
            if (ceiling)
                row["% of ceiling"] = 100 * ceiling->operations(result.tokens, result.squares) / seconds /
                                      (ceiling->gflops * 1e9);
            rows.push_back(row);
            if (result.failed > 0)
                std::fprintf(stderr, "embed-bench: %llu requests failed, the first: %s\n",
                             static_cast<unsigned long long>(result.failed), result.first_error.c_str());
        }
    }
    if (ceiling && !common.as_json)
        std::printf("ceiling: %.0f GFLOP/s, %s, %llu lanes\n", ceiling->gflops, ceiling->dtype.c_str(),
                    static_cast<unsigned long long>(ceiling->lanes));
    print(common,
          {"texts", "dtype", "a request", "requests", "failed", "requests/s", "texts/s", "tokens/s",
           "% of ceiling", "p50 ms", "p90 ms", "p99 ms", "max ms"},
          rows);
}

void run_latency(const Common& common, std::uint64_t requests, const std::vector<std::int64_t>& pauses)
{
    const auto socket = common.reachable_socket();
    json rows = json::array();
    for (const auto pause : pauses) {
        const auto result = bench::measure_latency(
            {.socket = socket, .requests = requests, .pause = std::chrono::milliseconds{pause}});
        const auto microseconds = [](std::optional<std::chrono::microseconds> value) {
            return value ? json(value->count()) : json();
        };
        rows.push_back({{"pause ms", pause},
                        {"total p50 µs", microseconds(result.total.quantile(0.5))},
                        {"total p99 µs", microseconds(result.total.quantile(0.99))},
                        {"forward p50 µs", microseconds(result.forward.quantile(0.5))},
                        {"added p50 µs", microseconds(result.added.quantile(0.5))},
                        {"added p99 µs", microseconds(result.added.quantile(0.99))}});
    }
    print(common,
          {"pause ms", "total p50 µs", "total p99 µs", "forward p50 µs", "added p50 µs", "added p99 µs"},
          rows);
}

void print_lengths(const Common& common, const ipc::WarmUpReport& report)
{
    json rows = json::array();
    for (const auto& cell : report.cells)
        if (cell.first_us && cell.control_us)
            rows.push_back({{"length", cell.length},
                            {"first ms", static_cast<double>(*cell.first_us) / 1e3},
                            {"control ms", static_cast<double>(*cell.control_us) / 1e3},
                            {"first ÷ control",
                             static_cast<double>(*cell.first_us) / static_cast<double>(*cell.control_us)}});
    print(common, {"length", "first ms", "control ms", "first ÷ control"}, rows);
}

void run_coldstart(const Common& common, const std::vector<std::string>& arguments, std::uint64_t starts)
{
    bench::ColdstartOptions options{.daemon = bench::sibling("embedd"), .arguments = arguments};
    if (!common.model.empty())
        options.arguments.insert(options.arguments.end(), {"--model", common.model});
    json rows = json::array();
    std::optional<ipc::WarmUpReport> last;
    for (std::uint64_t start = 0; start < starts; ++start) {
        const auto result = bench::measure_coldstart(options);
        json row{{"start", start + 1}, {"exec → READY ms", milliseconds(result.to_ready)}};
        for (const auto& phase : result.status.phases)
            row[phase.name] =
                phase.duration_us ? json(static_cast<double>(*phase.duration_us) / 1e3) : json();
        last = result.status.warmup.last;
        if (last) {
            row["first ÷ control"] = last->ratio ? json(*last->ratio) : json();
            row["worst"] = last->ratio_worst ? json(*last->ratio_worst) : json();
        }
        rows.push_back(row);
    }
    print(common,
          {"start", "exec → READY ms", "device.init", "weights.read", "weights.place", "tokenizer",
           "warmup.lengths", "warmup.verify", "first ÷ control", "worst"},
          rows);
    if (last)
        print_lengths(common, *last);
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"embed-bench: what embedd reaches on this machine", "embed-bench"};
    app.require_subcommand(1);
    app.fallthrough();
    Common common;
    app.add_option("--socket", common.socket, "The daemon's socket (load, latency)");
    app.add_option("--model", common.model, "Model directory (ceiling, coldstart)");
    app.add_option("--worker", common.worker, "embedd-worker, which measures the ceiling");
    app.add_flag("--json", common.as_json, "Print JSON");

    std::vector<std::string> dtypes{"float32", "bfloat16"};
    auto* ceiling = app.add_subcommand("ceiling", "The rate of matrix products at the model's shapes");
    ceiling->add_option("--dtypes", dtypes, "Which")->delimiter(',');

    LoadCommand load_command;
    auto* load = app.add_subcommand("load", "Throughput and latency under load, as a share of the ceiling");
    load->add_option("--texts", load_command.texts, "short, mixed, long")
        ->delimiter(',')
        ->check(CLI::IsMember({"short", "mixed", "long"}));
    load->add_option("--prompt-length", load_command.prompt_length, "Every text this many words instead");
    load->add_option("--batch-sizes", load_command.batch_sizes, "Texts a request")->delimiter(',');
    load->add_option("--requests", load_command.requests, "Requests of each row")->check(CLI::PositiveNumber);
    load->add_option("--concurrency", load_command.concurrency, "Connections")->check(CLI::Range(1, 10000));
    load->add_option("--rate", load_command.rate, "Open loop: requests a second")->check(CLI::PositiveNumber);
    load->add_flag("--no-ceiling", load_command.without_ceiling, "Do not measure the ceiling first");

    std::uint64_t requests = 500;
    std::vector<std::int64_t> pauses{0, 20};
    auto* latency =
        app.add_subcommand("latency", "One short text at a time: what the daemon adds to a forward pass");
    latency->add_option("--requests", requests, "Requests of each row")->check(CLI::PositiveNumber);
    latency->add_option("--pauses", pauses, "Milliseconds between requests")->delimiter(',');

    std::uint64_t starts = 3;
    std::vector<std::string> arguments;
    auto* coldstart = app.add_subcommand("coldstart", "exec to READY, and first request ÷ control by length");
    coldstart->add_option("--starts", starts, "How often")->check(CLI::Range(1, 100));
    coldstart->add_option("arguments", arguments, "Options for embedd, after --");

    CLI11_PARSE(app, argc, argv);
    try {
        if (ceiling->parsed())
            run_ceiling(common, dtypes);
        else if (load->parsed())
            run_load(common, load_command);
        else if (latency->parsed())
            run_latency(common, requests, pauses);
        else
            run_coldstart(common, arguments, starts);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "embed-bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
