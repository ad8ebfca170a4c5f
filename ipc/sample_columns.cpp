#include "ipc/sample_columns.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <ranges>
#include <set>
#include <type_traits>

namespace embedd::ipc {

namespace {

constexpr std::size_t samples_max = 3600;
constexpr std::size_t stages_max = 64;
constexpr std::size_t name_bytes = 64; // of a state or a stage

template <class Value>
struct Column {
    const char* name;
    std::uint64_t Sample::* of_sample;
    std::vector<Value> SampleColumns::* of_columns;
};

constexpr std::array<Column<std::int64_t>, 17> counted{{
    {"mono_us", &Sample::mono_us, &SampleColumns::mono_us},
    {"warm_epoch", &Sample::warm_epoch, &SampleColumns::warm_epoch},
    {"requests", &Sample::requests, &SampleColumns::requests},
    {"inputs", &Sample::inputs, &SampleColumns::inputs},
    {"tokens", &Sample::tokens, &SampleColumns::tokens},
    {"errors", &Sample::errors, &SampleColumns::errors},
    {"batches", &Sample::batches, &SampleColumns::batches},
    {"batch_tokens", &Sample::batch_tokens, &SampleColumns::batch_tokens},
    {"cold_hits", &Sample::cold_hits, &SampleColumns::cold_hits},
    {"restarts", &Sample::restarts, &SampleColumns::restarts},
    {"busy_us", &Sample::busy_us, &SampleColumns::busy_us},
    {"late_requests", &Sample::late_requests, &SampleColumns::late_requests},
    {"late_tokenize_us", &Sample::late_tokenize_us, &SampleColumns::late_tokenize_us},
    {"late_queue_us", &Sample::late_queue_us, &SampleColumns::late_queue_us},
    {"late_forward_us", &Sample::late_forward_us, &SampleColumns::late_forward_us},
    {"late_serialize_us", &Sample::late_serialize_us, &SampleColumns::late_serialize_us},
    {"late_total_us", &Sample::late_total_us, &SampleColumns::late_total_us},
}};

constexpr std::array<Column<std::uint64_t>, 4> present{{
    {"queue_requests", &Sample::queue_requests, &SampleColumns::queue_requests},
    {"queue_tokens", &Sample::queue_tokens, &SampleColumns::queue_tokens},
    {"inflight", &Sample::inflight, &SampleColumns::inflight},
    {"resident_bytes", &Sample::resident_bytes, &SampleColumns::resident_bytes},
}};

template <class Values>
Values unless_all_empty(Values values)
{
    const typename Values::value_type empty{};
    return std::ranges::all_of(values, [&empty](const auto& value) { return value == empty; })
               ? Values{}
               : std::move(values);
}

// `value` of each sample.
template <class Value>
auto column(std::span<const Sample> samples, Value value)
{
    std::vector<std::remove_cvref_t<std::invoke_result_t<Value, const Sample&>>> values;
    values.reserve(samples.size());
    for (const auto& sample : samples)
        values.push_back(std::invoke(value, sample));
    return values;
}

// Modulo 2^64, so that a count that fell comes back as well.
std::vector<std::int64_t> differences(const std::vector<std::uint64_t>& counts)
{
    std::vector<std::int64_t> steps;
    steps.reserve(counts.size());
    for (std::uint64_t before = 0; const auto count : counts) {
        steps.push_back(static_cast<std::int64_t>(count - before));
        before = count;
    }
    return steps;
}

std::vector<std::vector<std::int64_t>> latency_of(std::span<const Sample> samples, const std::string& stage)
{
    std::vector<std::vector<std::int64_t>> classes;
    for (std::size_t at = 0; at < Sample::classes; ++at) {
        const auto counts = column(samples, [&](const Sample& sample) {
            const auto found = sample.latency.find(stage);
            return found != sample.latency.end() && at < found->second.size() ? found->second[at]
                                                                              : std::uint64_t{0};
        });
        classes.push_back(unless_all_empty(differences(counts)));
    }
    while (!classes.empty() && classes.back().empty())
        classes.pop_back();
    return classes;
}

Error fault(const std::string& column, const std::string& why)
{
    return {ErrorType::bad_request, "history." + column + ' ' + why, {}};
}

// Empty or of one length.
template <class Values>
std::optional<Error> check_length(const Values& values, std::size_t samples, const std::string& name)
{
    if (values.empty() || values.size() == samples)
        return std::nullopt;
    return fault(name, "has " + std::to_string(values.size()) + " values, there are " +
                           std::to_string(samples) + " samples");
}

std::optional<Error> check(const SampleColumns& columns)
{
    const auto samples = columns.mono_us.size();
    if (samples > samples_max)
        return fault("mono_us", "has more than " + std::to_string(samples_max) + " samples");
    if (columns.latency.size() > stages_max)
        return fault("latency", "has more than " + std::to_string(stages_max) + " stages");
    for (const auto& [name, of_sample, of_columns] : counted)
        if (auto wrong = check_length(columns.*of_columns, samples, name))
            return wrong;
    for (const auto& [name, of_sample, of_columns] : present)
        if (auto wrong = check_length(columns.*of_columns, samples, name))
            return wrong;
    if (auto wrong = check_length(columns.oldest_us, samples, "oldest_us"))
        return wrong;
    for (std::uint64_t next = 0; const auto& [from, state] : columns.state) {
        if (from < next || from >= samples || state.size() > name_bytes)
            return fault("state", "must name samples in their order, each state by at most " +
                                      std::to_string(name_bytes) + " bytes");
        next = from + 1;
    }
    for (const auto& [stage, classes] : columns.latency) {
        if (stage.size() > name_bytes)
            return fault("latency", "has a stage of more than " + std::to_string(name_bytes) + " bytes");
        if (classes.size() > Sample::classes)
            return fault("latency." + stage, "has more than " + std::to_string(Sample::classes) + " classes");
        for (const auto& counts : classes)
            if (auto wrong = check_length(counts, samples, "latency." + stage))
                return wrong;
    }
    return std::nullopt;
}

// A stage is a sample's from its first answer on.
void add_latency(std::vector<Sample>& samples, const std::string& stage,
                 const std::vector<std::vector<std::int64_t>>& classes)
{
    std::vector<std::uint64_t> sums(Sample::classes, 0);
    for (std::size_t at = 0; at < samples.size(); ++at) {
        for (std::size_t place = 0; place < classes.size(); ++place)
            if (!classes[place].empty())
                sums[place] += static_cast<std::uint64_t>(classes[place][at]);
        if (std::ranges::any_of(sums, [](std::uint64_t sum) { return sum != 0; }))
            samples[at].latency[stage] = sums;
    }
}

} // namespace

SampleColumns columns_of(std::span<const Sample> samples)
{
    SampleColumns columns;
    for (const auto& [name, of_sample, of_columns] : counted)
        columns.*of_columns = unless_all_empty(differences(column(samples, of_sample)));
    columns.mono_us = differences(column(samples, &Sample::mono_us)); // it tells how many
    for (const auto& [name, of_sample, of_columns] : present)
        columns.*of_columns = unless_all_empty(column(samples, of_sample));
    columns.oldest_us = unless_all_empty(column(samples, &Sample::oldest_us));
    std::set<std::string> stages;
    for (std::string before; const auto& sample : samples) {
        if (sample.state != before)
            columns.state.emplace_back(&sample - samples.data(), sample.state);
        before = sample.state;
        for (const auto& [stage, counts] : sample.latency)
            stages.insert(stage);
    }
    for (const auto& stage : stages)
        if (auto classes = latency_of(samples, stage); !classes.empty())
            columns.latency.emplace(stage, std::move(classes));
    return columns;
}

Result<std::vector<Sample>> samples_of(const SampleColumns& columns)
{
    if (auto wrong = check(columns))
        return *std::move(wrong);
    std::vector<Sample> samples(columns.mono_us.size());
    for (const auto& [name, of_sample, of_columns] : counted) {
        std::uint64_t sum = 0;
        for (std::size_t at = 0; at < (columns.*of_columns).size(); ++at) {
            sum += static_cast<std::uint64_t>((columns.*of_columns)[at]);
            samples[at].*of_sample = sum;
        }
    }
    for (const auto& [name, of_sample, of_columns] : present)
        for (std::size_t at = 0; at < (columns.*of_columns).size(); ++at)
            samples[at].*of_sample = (columns.*of_columns)[at];
    for (std::size_t at = 0; at < columns.oldest_us.size(); ++at)
        samples[at].oldest_us = columns.oldest_us[at];
    for (std::size_t until = samples.size(); const auto& [from, state] : std::views::reverse(columns.state)) {
        for (std::size_t at = from; at < until; ++at)
            samples[at].state = state;
        until = from;
    }
    for (const auto& [stage, classes] : columns.latency)
        add_latency(samples, stage, classes);
    return samples;
}

} // namespace embedd::ipc
