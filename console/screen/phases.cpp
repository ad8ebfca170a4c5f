#include "console/screen/phases.hpp"

#include "console/screen/history.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>

namespace embedd::console::screen {

namespace {

void collect(std::vector<PhaseLine>& lines, const std::vector<ipc::PhaseStatus>& phases, int depth)
{
    constexpr std::size_t most = 200;
    constexpr int deepest = 4;
    for (const auto& phase : phases) {
        if (lines.size() == most || depth > deepest)
            return;
        lines.push_back({&phase, depth});
        collect(lines, phase.children, depth + 1);
    }
}

std::vector<const ipc::PhaseStatus*> without_parts(const std::vector<ipc::PhaseStatus>& phases)
{
    std::vector<const ipc::PhaseStatus*> leaves;
    for (const auto& line : lines_of(phases))
        if (line.phase->children.empty())
            leaves.push_back(line.phase);
    return leaves;
}

} // namespace

std::vector<PhaseLine> lines_of(const std::vector<ipc::PhaseStatus>& phases)
{
    std::vector<PhaseLine> lines;
    collect(lines, phases, 0);
    return lines;
}

std::optional<std::uint64_t> took_us(const ipc::PhaseStatus& phase, std::uint64_t uptime_us) noexcept
{
    if (phase.duration_us)
        return phase.duration_us;
    if (phase.state == "running" && phase.started_us)
        return elapsed(*phase.started_us, uptime_us);
    return std::nullopt;
}

std::uint64_t end_us(const ipc::PhaseStatus& phase, std::uint64_t uptime_us) noexcept
{
    return saturating_sum(phase.started_us.value_or(0), took_us(phase, uptime_us).value_or(0));
}

std::vector<Leg> critical_path(const std::vector<ipc::PhaseStatus>& phases, std::uint64_t uptime_us)
{
    const auto leaves = without_parts(phases);
    std::vector<Leg> path;
    auto until_us = std::numeric_limits<std::uint64_t>::max();
    // Each round ends at an earlier moment, and takes another phase.
    while (true) {
        const ipc::PhaseStatus* last = nullptr;
        const auto order = [&](const ipc::PhaseStatus& phase) {
            const auto end = end_us(phase, uptime_us);
            return std::tuple{std::min(end, until_us), end};
        };
        for (const auto* phase : leaves)
            if (phase->started_us && *phase->started_us < until_us && (!last || order(*phase) > order(*last)))
                last = phase;
        if (!last)
            break;
        path.push_back({last, std::min(end_us(*last, uptime_us), until_us) - *last->started_us});
        until_us = *last->started_us;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::optional<std::uint64_t> last_start_us(const std::vector<ipc::PhaseStatus>& phases,
                                           std::uint64_t uptime_us)
{
    std::vector<const ipc::PhaseStatus*> waited_for;
    for (const auto& leg : critical_path(phases, uptime_us))
        waited_for.push_back(leg.phase);
    for (const auto* phase : without_parts(phases))
        if (phase->state == "pending" || phase->state == "failed")
            waited_for.push_back(phase);
    std::uint64_t all_us = 0;
    for (const auto* phase : waited_for) {
        if (!phase->last_time_us || phase->state == "failed")
            return std::nullopt;
        all_us = saturating_sum(all_us, *phase->last_time_us);
    }
    return waited_for.empty() ? std::nullopt : std::optional{all_us};
}

std::optional<std::uint64_t> left_us(const std::vector<ipc::PhaseStatus>& phases)
{
    std::uint64_t running_us = 0, pending_us = 0;
    bool runs = false;
    for (const auto* phase : without_parts(phases)) {
        const bool pending = phase->state == "pending";
        const auto us = pending ? phase->last_time_us : phase->eta_us;
        if (phase->state != "running" && !pending)
            continue;
        if (!us)
            return std::nullopt;
        runs = runs || !pending;
        running_us = pending ? running_us : std::max(running_us, *us); // they run beside each other
        pending_us = pending ? saturating_sum(pending_us, *us) : pending_us;
    }
    return runs ? std::optional{saturating_sum(running_us, pending_us)} : std::nullopt;
}

} // namespace embedd::console::screen
