#include "bench/coldstart_result.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

namespace embedd::bench {

using std::chrono::microseconds;

namespace {

// From so many starts on, a median over starts leaves one spoilt sample out.
constexpr std::size_t enough_starts = 3;

std::string sentence(const char* what, double measured, const char* unit, double bar)
{
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), "%s is %.2f%s, the bar is %.2f%s", what, measured, unit, bar,
                  unit);
    return text.data();
}

} // namespace

std::string_view to_string(Variant variant) noexcept
{
    switch (variant) {
    case Variant::warmed:
        return "default";
    case Variant::unwarmed:
        return "unwarmed";
    case Variant::bare:
        return "bare";
    }
    return "";
}

std::optional<Variant> variant_from(std::string_view name) noexcept
{
    for (const auto variant : {Variant::warmed, Variant::unwarmed, Variant::bare})
        if (to_string(variant) == name)
            return variant;
    return std::nullopt;
}

VariantSummary summarize(const VariantTimes& times)
{
    VariantSummary summary{.to_ready = median(times.to_ready),
                           .lengths = {},
                           .rungs = ratio_of_rungs(times.lengths),
                           .p99 = {},
                           .max = {},
                           .slow_requests = {},
                           .cold_hits = {},
                           .cold_start = {}};
    std::vector<double> medians, worsts, slow;
    for (const auto& start : times.lengths)
        if (const auto ratio = ratio_of_lengths(start)) {
            medians.push_back(ratio->median);
            worsts.push_back(ratio->worst);
        }
    if (!medians.empty())
        summary.lengths = Ratio{.median = *median(medians), .worst = *median(worsts)};

    Times p99s, maxima;
    for (const auto& start : times.shapes) {
        if (start.first.count() == 0)
            continue;
        p99s.push_back(*start.first.quantile(0.99));
        maxima.push_back(*start.first.max());
        slow.push_back(static_cast<double>(start.slow));
    }
    summary.p99 = median(std::move(p99s));
    summary.max = median(std::move(maxima));
    summary.slow_requests = median(std::move(slow));

    for (const auto& end : times.ends) {
        summary.cold_hits = summary.cold_hits.value_or(0) + end.cold_hits;
        const auto most = summary.cold_start ? summary.cold_start->shapes : 0;
        if (end.cold_start && end.cold_start->shapes >= most)
            summary.cold_start = end.cold_start;
    }
    return summary;
}

std::vector<std::string> missed_bars(const std::vector<VariantTimes>& variants, const ColdstartBars& bars)
{
    const auto warmed = std::find_if(variants.begin(), variants.end(), [](const VariantTimes& times) {
        return times.variant == Variant::warmed;
    });
    if (warmed == variants.end())
        return {"the bars are the default variant's, which was not measured: add it to --variants"};
    const auto summary = summarize(*warmed);
    if (!summary.to_ready || !summary.lengths || !summary.rungs || !summary.cold_hits)
        return {"nothing was measured: the model takes no length that could be tried"};

    std::vector<std::string> missed;
    const auto judge = [&](const char* what, double measured, const char* unit, double bar) {
        if (measured > bar)
            missed.push_back(sentence(what, measured, unit, bar));
    };
    judge("first ÷ control of new lengths, the median,", summary.lengths->median, "", bars.ratio);
    judge("first ÷ control of new lengths, the worst,", summary.lengths->worst, "", bars.worst);
    judge("first ÷ control of new rungs, the median,", summary.rungs->median, "", bars.ratio);
    if (warmed->lengths.size() >= enough_starts)
        judge("first ÷ control of new rungs, the worst,", summary.rungs->worst, "", bars.worst);
    judge("exec to READY", std::chrono::duration<double>(*summary.to_ready).count(), " s",
          bars.ready.count());
    if (*summary.cold_hits > 0)
        missed.push_back(std::to_string(*summary.cold_hits) + " batches were cold, the bar is none");
    return missed;
}

} // namespace embedd::bench
