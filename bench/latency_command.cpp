#include "bench/command.hpp"
#include "bench/latency.hpp"

#include <memory>

namespace embedd::bench {

namespace {

using nlohmann::json;

struct Options {
    std::uint64_t requests = 500;
    std::optional<std::size_t> tokens;
    std::vector<std::int64_t> pauses{0, 20};
};

void run(const Settings& settings, const Options& options)
{
    const auto socket = settings.reachable_socket();
    json rows = json::array();
    for (const auto pause : options.pauses) {
        const auto result = measure_latency({.socket = socket,
                                             .requests = options.requests,
                                             .tokens = options.tokens,
                                             .pause = std::chrono::milliseconds{pause}});
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
    print(settings,
          {"pause ms", "total p50 µs", "total p99 µs", "forward p50 µs", "added p50 µs", "added p99 µs"},
          rows);
}

} // namespace

void add_latency(CLI::App& app, const Settings& settings)
{
    const auto options = std::make_shared<Options>();
    auto* command =
        app.add_subcommand("latency", "One short text at a time: what the daemon adds to a forward pass");
    command->add_option("--requests", options->requests, "Requests of each row")->check(CLI::PositiveNumber);
    command->add_option("--tokens", options->tokens, "Of a text, exactly; else about 12")
        ->check(CLI::Range(3, 100'000));
    command->add_option("--pauses", options->pauses, "Milliseconds between requests")->delimiter(',');
    command->callback([&settings, options] { run(settings, *options); });
}

} // namespace embedd::bench
