#include "bench/ratio.hpp"

#include <algorithm>
#include <cstddef>

namespace embedd::bench {

using std::chrono::microseconds;

namespace {

template <class T>
std::optional<T> middle_of(std::vector<T> values)
{
    if (values.empty())
        return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::optional<double> quotient(std::optional<microseconds> first, std::optional<microseconds> control)
{
    if (!first || !control)
        return std::nullopt;
    return static_cast<double>(first->count()) /
           static_cast<double>(std::max<microseconds::rep>(1, control->count()));
}

std::optional<Ratio> over_lengths(const std::vector<double>& ratios)
{
    if (ratios.empty())
        return std::nullopt;
    return Ratio{.median = *middle_of(ratios), .worst = *std::max_element(ratios.begin(), ratios.end())};
}

} // namespace

std::optional<microseconds> median(Times times)
{
    return middle_of(std::move(times));
}

std::optional<double> median(std::vector<double> values)
{
    return middle_of(std::move(values));
}

std::vector<LengthTimes> measure_lengths(std::span<const LengthPlan> plans, const AskLength& ask)
{
    std::vector<LengthTimes> measured;
    for (const auto& plan : plans) {
        LengthTimes times{.length = plan.length(), .firsts = {}, .controls = {}};
        for (std::size_t draw = 0; draw < plan.unseen.size(); ++draw) {
            const bool control_leads = draw % 2 == 1;
            if (control_leads)
                times.controls.push_back(ask(plan.length()));
            times.firsts.push_back(ask(plan.unseen[draw]));
            if (!control_leads)
                times.controls.push_back(ask(plan.length()));
        }
        measured.push_back(std::move(times));
    }
    return measured;
}

std::optional<Ratio> ratio_of_lengths(std::span<const LengthTimes> lengths)
{
    std::vector<double> ratios;
    for (const auto& times : lengths)
        if (const auto ratio = quotient(median(times.firsts), median(times.controls)))
            ratios.push_back(*ratio);
    return over_lengths(ratios);
}

std::optional<double> ratio_of_rung(std::span<const std::vector<LengthTimes>> starts, std::size_t number)
{
    Times firsts, controls;
    for (const auto& start : starts) {
        const auto& times = start.at(number);
        if (const auto control = median(times.controls)) {
            firsts.push_back(times.firsts.front());
            controls.push_back(*control);
        }
    }
    return quotient(median(firsts), median(controls));
}

std::optional<Ratio> ratio_of_rungs(std::span<const std::vector<LengthTimes>> starts)
{
    std::vector<double> ratios;
    for (std::size_t number = 0; !starts.empty() && number < starts.front().size(); ++number)
        if (const auto ratio = ratio_of_rung(starts, number))
            ratios.push_back(*ratio);
    return over_lengths(ratios);
}

} // namespace embedd::bench
