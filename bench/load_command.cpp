#include "bench/ceiling.hpp"
#include "bench/command.hpp"
#include "bench/load.hpp"
#include "ipc/client.hpp"
#include "ipc/printable.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace embedd::bench {

namespace {

using nlohmann::json;

struct Options {
    std::vector<std::string> texts{"short", "mixed", "long"};
    std::optional<std::size_t> prompt_length, tokens;
    std::vector<std::size_t> batch_sizes{1, 16};
    std::uint64_t requests = 1024;
    std::optional<double> seconds;
    std::size_t concurrency = 64;
    std::size_t threads = 1;
    std::optional<double> rate;
    bool without_ceiling = false;
};

ipc::ModelStatus served_model(const std::filesystem::path& socket)
{
    ipc::Client client{{.socket = socket, .timeout = std::chrono::minutes{1}, .name = "embed-bench"}};
    auto info = client.info();
    if (!info)
        throw std::runtime_error(info.error().error.message);
    return info->model;
}

json row_of(const LoadResult& result)
{
    const auto seconds = std::chrono::duration<double>(result.elapsed).count();
    const auto per_second = [&](std::uint64_t count) { return static_cast<double>(count) / seconds; };
    return {{"requests", result.requests},
            {"failed", result.failed},
            {"requests/s", per_second(result.requests)},
            {"texts/s", per_second(result.texts)},
            {"tokens/s", per_second(result.tokens)},
            {"p50 ms", milliseconds(result.latency.quantile(0.5))},
            {"p90 ms", milliseconds(result.latency.quantile(0.9))},
            {"p99 ms", milliseconds(result.latency.quantile(0.99))},
            {"max ms", milliseconds(result.latency.max())}};
}

std::optional<std::chrono::milliseconds> time_of(const Options& options)
{
    if (!options.seconds)
        return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::int64_t>(*options.seconds * 1e3)};
}

void run(const Settings& settings, const Options& options)
{
    const auto socket = settings.reachable_socket();
    const auto model = served_model(socket);
    std::optional<Ceiling> ceiling;
    if (!options.without_ceiling)
        ceiling = measure_ceiling(settings.worker, model.path, model.dtype);
    json rows = json::array();
    const bool fixed = options.prompt_length || options.tokens;
    const auto kinds = fixed ? std::vector<std::string>{"fixed"} : options.texts;
    for (const auto& kind : kinds) {
        for (const auto batch_size : options.batch_sizes) {
            const auto result = run_load({.socket = socket,
                                          .texts = text_kind_from(kind).value_or(TextKind::mixed),
                                          .words = options.prompt_length,
                                          .tokens = options.tokens,
                                          .batch_size = batch_size,
                                          .requests = options.requests,
                                          .time = time_of(options),
                                          .concurrency = options.concurrency,
                                          .threads = options.threads,
                                          .rate = options.rate});
            auto row = row_of(result);
            row.update({{"texts", kind}, {"dtype", model.dtype}, {"a request", batch_size}});
            if (ceiling)
                row["% of ceiling"] = 100 * ceiling->operations(result.tokens, result.squares) /
                                      std::chrono::duration<double>(result.elapsed).count() /
                                      (ceiling->gflops * 1e9);
            rows.push_back(std::move(row));
            if (result.failed > 0)
                tell(std::to_string(result.failed) + " requests failed, the first: " + result.first_error);
        }
    }
    if (ceiling && !settings.as_json)
        std::printf("ceiling: %.0f GFLOP/s, %s, %llu lanes\n", ceiling->gflops,
                    ipc::printable(ceiling->dtype).c_str(), static_cast<unsigned long long>(ceiling->lanes));
    print(settings,
          {"texts", "dtype", "a request", "requests", "failed", "requests/s", "texts/s", "tokens/s",
           "% of ceiling", "p50 ms", "p90 ms", "p99 ms", "max ms"},
          rows);
}

} // namespace

void add_load(CLI::App& app, const Settings& settings)
{
    const auto options = std::make_shared<Options>();
    auto* command =
        app.add_subcommand("load", "Throughput and latency under load, as a share of the ceiling");
    command->add_option("--texts", options->texts, "short, mixed, long")
        ->delimiter(',')
        ->check(CLI::IsMember({"short", "mixed", "long"}));
    command->add_option("--prompt-length", options->prompt_length, "Every text this many words instead");
    command->add_option("--tokens", options->tokens, "Every text exactly this many tokens instead")
        ->check(CLI::Range(3, 100'000));
    command->add_option("--batch-sizes", options->batch_sizes, "Texts a request")->delimiter(',');
    command->add_option("--requests", options->requests, "Requests of each row")->check(CLI::PositiveNumber);
    auto* seconds = command
                        ->add_option("--seconds", options->seconds,
                                     "Of each row: its requests again and again for so long")
                        ->check(CLI::Range(0.1, 3600.0));
    command->add_option("--concurrency", options->concurrency, "Connections")->check(CLI::Range(1, 10000));
    command->add_option("--threads", options->threads, "That share the connections")
        ->check(CLI::Range(1, 256));
    command->add_option("--rate", options->rate, "Open loop: requests a second, sent when due")
        ->check(CLI::PositiveNumber)
        ->excludes(seconds);
    command->add_flag("--no-ceiling", options->without_ceiling, "Do not measure the ceiling first");
    command->callback([&settings, options] { run(settings, *options); });
}

} // namespace embedd::bench
