#include "bench/overload.hpp"

#include "bench/let_pass.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <future>
#include <stdexcept>

namespace embedd::bench {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr double whole = 0.95; // of the capacity: as good as before
constexpr milliseconds head_start{500};
constexpr std::size_t different_requests = 4096;

template <class... Values>
std::string sentence(const char* format, Values... values)
{
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

std::vector<double> by_second(std::span<const Answered> answers, const Window& window)
{
    std::vector<double> rates;
    for (auto from = window.from; from + std::chrono::seconds{1} <= window.to;
         from += std::chrono::seconds{1})
        rates.push_back(tokens_per_second(answers, {from, from + std::chrono::seconds{1}}));
    return rates;
}

} // namespace

Overload measure_overload(const OverloadOptions& options, const OverloadProgress& note)
{
    Overload measured;
    const Traffic closed{.requests = draw_requests(Texts{options.texts, 1}, different_requests, 1),
                         .connections = options.clients};

    note("capacity, in a closed loop of " + std::to_string(options.clients) + " clients");
    {
        RunningTraffic running{options.socket, closed};
        let_pass(options.capacity / 5); // until everything is under way
        const auto from = steady_clock::now();
        let_pass(options.capacity);
        const Window window{from, steady_clock::now()};
        const auto result = all_answered(running.finish());
        measured.capacity_tokens = tokens_per_second(result.answers, window);
        const auto tokens = tokens_within(result.answers, {steady_clock::time_point{}, window.to});
        if (tokens == 0)
            throw std::runtime_error("the daemon answered nothing while its capacity was measured");
        measured.capacity_requests = measured.capacity_tokens * static_cast<double>(result.answers.size()) /
                                     static_cast<double>(tokens);
    }

    measured.before = memory_of(options.daemon);
    MemoryWatch watch{options.daemon};
    const OpenLoopOptions overload{
        .socket = options.socket,
        .requests = draw_requests(Texts{options.texts, 2}, different_requests, 1),
        .rate = options.factor * measured.capacity_requests,
        .begin = steady_clock::now() + head_start,
        .time = options.time,
        .connections = options.connections,
        .timeout = options.timeout,
    };
    note(sentence("%.0f requests a second, %.1f times the capacity", overload.rate, options.factor));
    auto load = std::async(std::launch::async, [&overload] { return run_open_loop(overload); });
    let_pass(std::chrono::ceil<milliseconds>(overload.begin + overload.time - steady_clock::now()));

    note("recovery, in the closed loop as before");
    const auto end = steady_clock::now();
    RunningTraffic running{options.socket, closed};
    let_pass(options.afterwards);
    const Window window{end, steady_clock::now()};
    const auto result = running.finish();
    measured.refused_after = result.failed;
    measured.load = load.get();
    measured.peak = watch.peak();
    measured.after = memory_of(options.daemon);
    measured.tokens_after = by_second(result.answers, window);
    measured.recovered = recovery(result.answers, window, measured.capacity_tokens, whole);
    return measured;
}

std::optional<milliseconds> recovery(std::span<const Answered> answers, const Window& window,
                                     double tokens_per_second, double share)
{
    constexpr milliseconds step{100};
    constexpr std::chrono::seconds second{1};
    for (auto from = window.from; from + second <= window.to; from += step)
        if (static_cast<double>(tokens_within(answers, {from, from + second})) >= share * tokens_per_second)
            return std::chrono::duration_cast<milliseconds>(from - window.from);
    return std::nullopt;
}

std::vector<std::string> missed_bars(const Overload& measured, const OverloadBars& bars)
{
    std::vector<std::string> missed;
    const auto& load = measured.load;
    for (const auto& [what, times] : load.other)
        missed.push_back(std::to_string(times) + " requests ended with " + what);
    if (load.unanswered > 0)
        missed.push_back(std::to_string(load.unanswered) + " requests were never answered");
    if (load.overloaded_unhinted > 0)
        missed.push_back(std::to_string(load.overloaded_unhinted) + " refusals without retry_after_ms");
    if (load.accepted() == 0)
        missed.emplace_back("no request was accepted");
    else if (static_cast<double>(load.in_time) < bars.in_time * static_cast<double>(load.accepted()))
        missed.push_back(sentence("%.4f of the accepted requests were answered in time, the bar is %.4f",
                                  static_cast<double>(load.in_time) / static_cast<double>(load.accepted()),
                                  bars.in_time));
    if (!measured.recovered)
        missed.emplace_back("throughput did not come back while it was looked at");
    else if (*measured.recovered > bars.recovered)
        missed.push_back(sentence("throughput was back after %lld ms, the bar is %lld",
                                  static_cast<long long>(measured.recovered->count()),
                                  static_cast<long long>(bars.recovered.count())));
    const auto grown =
        measured.peak.resident_bytes - std::min(measured.peak.resident_bytes, measured.before.resident_bytes);
    if (grown > bars.grown_bytes)
        missed.push_back(sentence("the daemon grew by %.0f MiB, the bar is %.0f",
                                  static_cast<double>(grown) / (1 << 20),
                                  static_cast<double>(bars.grown_bytes) / (1 << 20)));
    return missed;
}

} // namespace embedd::bench
