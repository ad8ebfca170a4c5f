#include "bench/fairness.hpp"

#include "bench/let_pass.hpp"
#include "bench/ratio.hpp"
#include "bench/token_requests.hpp"
#include "bench/traffic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace embedd::bench {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t job_texts = 10'000;
constexpr std::size_t interactive_words = 12; // about 16 tokens
constexpr std::size_t interactive_requests = 512;
constexpr milliseconds interactive_pause{10};
constexpr std::size_t crowd = 64;
constexpr auto busy_limit = std::chrono::minutes{2};

Traffic interactive()
{
    return {.requests = draw_requests(Texts{interactive_words, 1}, interactive_requests, 1),
            .connections = 1,
            .in_flight = 1,
            .priority = ipc::Priority::interactive,
            .pause = interactive_pause};
}

// Jobs of 10,000 texts without pause: as much as one request takes, and a second one with the rest. The
// second job is sent in reverse order, so that both places in flight have large and small requests by turns.
Traffic bulk(std::size_t request_texts)
{
    Texts texts{TextKind::mixed, 2};
    Traffic traffic;
    for (auto left = job_texts; left > 0; left -= std::min(left, request_texts)) {
        auto& request = traffic.requests.emplace_back();
        for (std::size_t i = 0; i < std::min(left, request_texts); ++i)
            request.inputs.emplace_back(texts.next());
    }
    const auto second_job = traffic.requests;
    traffic.requests.insert(traffic.requests.end(), second_job.rbegin(), second_job.rend());
    traffic.in_flight = 2;
    return traffic;
}

// Requests of some full batches each, so that shares can be told within a second, and enough of them under
// way that several full batches wait.
Traffic backlog(TextKind kind, ipc::Priority priority, std::uint64_t seed)
{
    const std::size_t texts = kind == TextKind::short_ ? 96 : kind == TextKind::mixed ? 12 : 6;
    constexpr std::size_t in_flight = 16;
    return {.requests = draw_requests(Texts{kind, seed}, 8 * in_flight, texts),
            .connections = 1,
            .in_flight = in_flight,
            .priority = priority};
}

Traffic one_text_each(TextKind kind, std::uint64_t seed)
{
    return {.requests = draw_requests(Texts{kind, seed}, 4096, 1), .connections = crowd};
}

struct Lanes {
    std::uint64_t batches = 0, busy_us = 0;
};

Lanes lanes_of(const ipc::Status& status)
{
    Lanes lanes;
    for (const auto& replica : status.replicas) {
        lanes.batches += replica.batches;
        lanes.busy_us += replica.busy_us;
    }
    return lanes;
}

// Until bulk work is being computed: texts are tokenised first.
Lanes lanes_once_busy(const std::filesystem::path& socket)
{
    constexpr std::uint64_t some_batches = 8;
    const auto before = lanes_of(status_of(socket));
    const auto deadline = steady_clock::now() + busy_limit;
    while (steady_clock::now() < deadline) {
        const auto now = lanes_of(status_of(socket));
        if (now.batches >= before.batches + some_batches)
            return now;
        let_pass(milliseconds{50});
    }
    throw std::runtime_error("no bulk work was computed within two minutes");
}

std::optional<microseconds> forward_p99(const ipc::Status& status)
{
    std::optional<microseconds> longest;
    for (const auto& replica : status.replicas)
        if (replica.forward_p99_us)
            longest = std::max(longest.value_or(microseconds{0}),
                               microseconds{static_cast<std::int64_t>(*replica.forward_p99_us)});
    return longest;
}

// The time after which everything is under way.
milliseconds run_up(milliseconds time)
{
    return std::min(time / 5, milliseconds{1000});
}

Shares measure_shares(const FairnessOptions& options, const Traffic& first, const Traffic& second)
{
    RunningTraffic one{options.socket, first};
    RunningTraffic other{options.socket, second};
    let_pass(run_up(options.time));
    const auto from = steady_clock::now();
    let_pass(options.time);
    const Window window{from, steady_clock::now()};
    return {.first = tokens_within(all_answered(one.finish()).answers, window),
            .second = tokens_within(all_answered(other.finish()).answers, window)};
}

double measure_rate(const FairnessOptions& options, const Traffic& traffic)
{
    RunningTraffic running{options.socket, traffic};
    let_pass(run_up(options.time));
    const auto from = steady_clock::now();
    let_pass(options.time);
    const Window window{from, steady_clock::now()};
    return tokens_per_second(all_answered(running.finish()).answers, window);
}

template <class... Values>
std::string sentence(const char* format, Values... values)
{
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

double in_milliseconds(microseconds time)
{
    return static_cast<double>(time.count()) / 1e3;
}

} // namespace

std::optional<microseconds> Interference::bound() const
{
    if (!alone_p99 || !full_batch)
        return std::nullopt;
    return 3 * *alone_p99 + *full_batch;
}

Interference measure_interference(const FairnessOptions& options)
{
    Interference measured;
    const auto alone = all_answered(run_traffic(options.socket, interactive(), options.time));
    measured.alone_p50 = alone.latency.quantile(0.5);
    measured.alone_p99 = alone.latency.quantile(0.99);

    RunningTraffic bulk_work{options.socket, bulk(options.bulk_texts)};
    const auto begin = lanes_once_busy(options.socket);
    let_pass(options.time / 2);
    const auto end = lanes_of(status_of(options.socket));
    if (end.batches > begin.batches)
        measured.full_batch = microseconds{(end.busy_us - begin.busy_us) / (end.batches - begin.batches)};

    const auto beside = all_answered(run_traffic(options.socket, interactive(), options.time));
    measured.beside_p50 = beside.latency.quantile(0.5);
    measured.beside_p99 = beside.latency.quantile(0.99);
    measured.forward_p99 = forward_p99(status_of(options.socket));
    static_cast<void>(all_answered(bulk_work.finish()));
    return measured;
}

std::optional<double> Shares::of_first() const
{
    if (first + second == 0)
        return std::nullopt;
    return static_cast<double>(first) / static_cast<double>(first + second);
}

Shares measure_equal_shares(const FairnessOptions& options)
{
    return measure_shares(options, backlog(TextKind::mixed, ipc::Priority::interactive, 3),
                          backlog(TextKind::mixed, ipc::Priority::interactive, 4));
}

Shares measure_floor(const FairnessOptions& options)
{
    return measure_shares(options, backlog(TextKind::mixed, ipc::Priority::batch, 3),
                          one_text_each(TextKind::mixed, 4));
}

Gathering measure_gathering(const FairnessOptions& options, TextKind texts)
{
    const auto many = one_text_each(texts, 5);
    const auto one = backlog(texts, ipc::Priority::interactive, 6);
    Gathering measured;
    for (std::uint64_t pair = 0; pair < options.pairs; ++pair) {
        measured.many.push_back(measure_rate(options, many));
        measured.one.push_back(measure_rate(options, one));
        if (measured.one.back() > 0)
            measured.ratios.push_back(measured.many.back() / measured.one.back());
    }
    return measured;
}

std::vector<std::string> missed_bars(const Interference& measured)
{
    const auto bound = measured.bound();
    if (!bound || !measured.beside_p99)
        return {"interactive beside bulk work: nothing was measured"};
    if (*measured.beside_p99 <= *bound)
        return {};
    return {sentence("interactive p99 beside bulk work is %.1f ms, the bound is %.1f",
                     in_milliseconds(*measured.beside_p99), in_milliseconds(*bound))};
}

std::vector<std::string> missed_bars_of_equals(const Shares& shares, const FairnessBars& bars)
{
    const auto share = shares.of_first();
    if (!share)
        return {"two equal clients: nothing was measured"};
    const double apart = std::abs(2 * *share - 1);
    if (apart <= bars.apart)
        return {};
    return {sentence("the shares of two equal clients are %.3f apart, the bound is %.3f", apart, bars.apart)};
}

std::vector<std::string> missed_bars_of_floor(const Shares& shares, const FairnessBars& bars)
{
    const auto share = shares.of_first();
    if (!share)
        return {"batch priority beside interactive load: nothing was measured"};
    if (*share >= bars.floor)
        return {};
    return {sentence("batch priority gets %.3f of the tokens, the bar is %.3f", *share, bars.floor)};
}

std::vector<std::string> missed_bars(const Gathering& measured, const FairnessBars& bars)
{
    const auto ratio = median(measured.ratios);
    if (!ratio)
        return {"64 clients against one: nothing was measured"};
    if (*ratio >= bars.gathering)
        return {};
    return {
        sentence("64 clients with one text each get %.3f of one full client's throughput, the bar is %.3f",
                 *ratio, bars.gathering)};
}

} // namespace embedd::bench
