#include "bench/console_cost.hpp"

#include "bench/ratio.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace embedd::bench {

namespace {

using Windows = std::vector<const WatchedWindow*>;

Windows windows_of(std::span<const WatchedWindow> all, Watchers watchers, bool loaded)
{
    Windows found;
    for (const auto& window : all)
        if (window.watchers == watchers && window.loaded == loaded)
            found.push_back(&window);
    return found;
}

std::optional<double> median_of(const Windows& windows, double WatchedWindow::* figure)
{
    std::vector<double> figures;
    for (const auto* window : windows)
        figures.push_back(window->*figure);
    return median(figures);
}

std::optional<double> median_ratio(const Windows& with, const Windows& without)
{
    std::vector<double> ratios;
    for (std::size_t round = 0; round < std::min(with.size(), without.size()); ++round)
        if (without[round]->tokens_per_second > 0)
            ratios.push_back(with[round]->tokens_per_second / without[round]->tokens_per_second);
    return median(ratios);
}

ConsoleCost::Use use_of(const Windows& windows)
{
    ConsoleCost::Use all;
    double count = 0;
    for (const auto* window : windows)
        for (const auto& use : window->consoles) {
            all.consoles = window->consoles.size();
            all.core += use.core;
            all.most_core = std::max(all.most_core, use.core);
            all.bytes_per_second += use.bytes_per_second;
            all.memory = all.memory.peak(use.memory);
            all.longest_silence = std::max(all.longest_silence, use.longest_silence);
            ++count;
        }
    all.core /= count;
    all.bytes_per_second /= count;
    return all;
}

ConsoleCost cost_of(const Windows& windows, const Windows& without)
{
    ConsoleCost cost{.watchers = windows.front()->watchers,
                     .loaded = windows.front()->loaded,
                     .daemon_core = median_of(windows, &WatchedWindow::daemon_core).value_or(0)};
    if (cost.loaded)
        cost.tokens_per_second = median_of(windows, &WatchedWindow::tokens_per_second);
    if (cost.watchers == Watchers::none)
        return cost;
    if (cost.loaded)
        cost.ratio = median_ratio(windows, without);
    cost.use = use_of(windows);
    const auto before = median_of(without, &WatchedWindow::daemon_core).value_or(0);
    cost.use->added_daemon_core = (cost.daemon_core - before) / static_cast<double>(cost.use->consoles);
    return cost;
}

std::string sentence(const char* format, const char* where, double measured, double bar)
{
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), format, where, measured, bar);
    return text.data();
}

const char* situation(const ConsoleCost& cost)
{
    if (!cost.loaded)
        return "beside an idle daemon";
    return cost.watchers == Watchers::consoles ? "under load" : "beside a stopped and an unread one";
}

} // namespace

std::vector<ConsoleCost> summarize(std::span<const WatchedWindow> all)
{
    std::vector<ConsoleCost> costs;
    for (const auto& window : all) {
        const bool known = std::ranges::any_of(costs, [&](const ConsoleCost& cost) {
            return cost.watchers == window.watchers && cost.loaded == window.loaded;
        });
        if (!known)
            costs.push_back(cost_of(windows_of(all, window.watchers, window.loaded),
                                    windows_of(all, Watchers::none, window.loaded)));
    }
    return costs;
}

std::vector<std::string> missed_bars(std::span<const ConsoleCost> costs, const ConsoleBars& bars)
{
    std::vector<std::string> missed;
    bool measured = false;
    for (const auto& cost : costs) {
        if (!cost.use)
            continue;
        measured = true;
        if (!(cost.use->core < bars.core))
            missed.push_back(sentence("a console %s takes %.4f of a core, the bar is %.4f", situation(cost),
                                      cost.use->core, bars.core));
        if (cost.loaded && !(cost.ratio.value_or(0) >= bars.ratio))
            missed.push_back(sentence("throughput with consoles %s is %.3f of that without, the bar is %.3f",
                                      situation(cost), cost.ratio.value_or(0), bars.ratio));
    }
    if (!measured)
        missed.emplace_back("no console was measured");
    return missed;
}

} // namespace embedd::bench
