#include "console/embedctl/warm_up_verdict.hpp"

#include "console/presentation/units.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace embedd::console {

namespace {

// Three decimals: what is just above a bound must not be shown as the bound.
std::string against(const char* name, double ratio, double bound)
{
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), "%s %.3f (at most %.3f)", name, ratio, bound);
    return text.data();
}

} // namespace

Verdict judge(std::span<const ipc::WarmUpRecord> warmups, const RatioBounds& bounds)
{
    // Only a start is verified; a re-warm has no ratio.
    const auto start = std::find_if(warmups.rbegin(), warmups.rend(),
                                    [](const ipc::WarmUpRecord& record) { return record.kind == "start"; });
    if (start == warmups.rend())
        return {false,
                "no warm-up is known: start the daemon with --warmup true and ask again once it is ready"};
    const auto& newest = *start;
    const auto& report = newest.report;
    const auto name = "the warm-up of " + printable(newest.model) + ' ' + printable(newest.dtype) + " at " +
                      printable(report.started);
    if (!report.ratio || !report.ratio_worst)
        return {false, name + " was not verified (result " + printable(report.result) +
                           "), so it has no ratio: warm up again, with a larger --warmup-budget"};
    const auto ratios = against("ratio", *report.ratio, bounds.median) + ", " +
                        against("worst", *report.ratio_worst, bounds.worst);
    if (*report.ratio > bounds.median || *report.ratio_worst > bounds.worst)
        return {false, name + " is above the bounds: " + ratios + "; see embedctl warmups --compare"};
    if (report.result != "done")
        return {false, name + " has the result " + printable(report.result) + ": " + ratios +
                           "; the daemon's journal says why"};
    return {true, name + " is within the bounds: " + ratios};
}

} // namespace embedd::console
