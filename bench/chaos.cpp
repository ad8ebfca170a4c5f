#include "bench/chaos.hpp"

#include "bench/chaos_events.hpp"
#include "bench/kept_daemon.hpp"
#include "bench/let_pass.hpp"
#include "bench/texts.hpp"

#include <random>
#include <stdexcept>

namespace embedd::bench {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t different_texts = 200;
constexpr milliseconds look{250}; // how long answers are counted to tell their rate
constexpr auto flow_limit = std::chrono::minutes{1};

std::vector<std::string> some_texts(std::uint64_t seed)
{
    Texts mixed{TextKind::mixed, seed};
    std::vector<std::string> texts;
    while (texts.size() < different_texts)
        texts.push_back(mixed.next());
    return texts;
}

double rate_over(const ChaosClients& clients, milliseconds time)
{
    const auto before = clients.answered();
    const auto from = steady_clock::now();
    let_pass(time);
    const std::chrono::duration<double> passed = steady_clock::now() - from;
    return static_cast<double>(clients.answered() - before) / passed.count();
}

// When a look at the answers began that showed at least this rate.
steady_clock::time_point flows_again(const ChaosClients& clients, double rate)
{
    const auto deadline = steady_clock::now() + flow_limit;
    while (steady_clock::now() < deadline) {
        const auto from = steady_clock::now();
        if (rate_over(clients, look) >= rate)
            return from;
    }
    throw std::runtime_error("answers did not flow again within a minute");
}

} // namespace

Chaos measure_chaos(const ChaosOptions& options, const ChaosProgress& note)
{
    std::vector<std::string> environment;
    if (options.faults)
        environment.push_back("EMBEDD_FAKE_CONTROL=" + options.faults->string());
    KeptDaemon daemon{options.daemon, environment};
    const ExpectedVectors expected{daemon.socket(), some_texts(options.seed)};

    Chaos chaos;
    const auto begun = steady_clock::now();
    ChaosClients clients{
        {.socket = daemon.socket(), .clients = options.clients, .seed = options.seed, .pause = options.pause},
        expected};
    Stage stage{.daemon = daemon, .faults = options.faults, .random = std::mt19937_64{options.seed}};
    std::size_t number = 0;
    for (const auto* event : deal_events(options.events, options.seed, options.faults.has_value())) {
        const auto name = std::string{event->name};
        const auto rate = rate_over(clients, options.steady);
        const auto from = steady_clock::now();
        try {
            event->happen(stage);
            const auto recovery =
                std::chrono::duration_cast<std::chrono::microseconds>(flows_again(clients, rate / 2) - from);
            chaos.recoveries[name].push_back(recovery);
            note("event " + std::to_string(++number) + " of " + std::to_string(options.events) + ", " + name +
                 ": recovered after " + std::to_string(recovery.count() / 1000) + " ms");
        } catch (const std::runtime_error& failure) {
            chaos.unhealed = name + ": " + failure.what();
            note(chaos.unhealed);
            break;
        }
    }
    chaos.tally = clients.finish();
    chaos.elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
    return chaos;
}

std::vector<std::string> missed_bars(const Chaos& chaos)
{
    std::vector<std::string> missed;
    const auto& tally = chaos.tally;
    if (tally.failed > 0)
        missed.push_back(std::to_string(tally.failed) +
                         " requests failed, the first: " + tally.first_failure);
    if (tally.duplicates > 0)
        missed.push_back(std::to_string(tally.duplicates) + " answers to requests that had been answered");
    if (tally.wrong > 0)
        missed.push_back(std::to_string(tally.wrong) + " wrong answers, the first: " + tally.first_wrong);
    if (!chaos.unhealed.empty())
        missed.push_back(chaos.unhealed);
    if (tally.answered == 0)
        missed.emplace_back("no request was answered");
    return missed;
}

} // namespace embedd::bench
