#include "console/screen/history.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace embedd::console::screen {

namespace {

constexpr std::size_t longest_word = 64; // of another's, kept 600 times

std::size_t class_of(std::uint64_t us) noexcept
{
    std::size_t found = 0;
    for (auto bound = ipc::Sample::first_bound_us; us > bound && found + 1 < ipc::Sample::classes; bound *= 2)
        ++found;
    return found;
}

std::vector<std::uint64_t> classes_of(const Distribution& distribution)
{
    std::vector<std::uint64_t> classes(ipc::Sample::classes, 0);
    for (const auto& bucket : distribution.buckets())
        classes[class_of(bucket.upper_us)] += bucket.count;
    return classes;
}

ipc::Sample sample_of(const ipc::Status& status, const Stages& stages)
{
    ipc::Sample sample;
    sample.mono_us = status.mono_us;
    sample.state = status.state.substr(0, longest_word);
    sample.warm_epoch = status.warmup.epoch;
    sample.requests = status.counters.requests;
    sample.inputs = status.counters.inputs;
    sample.tokens = status.counters.tokens;
    for (const auto& [type, count] : status.counters.errors)
        sample.errors += count;
    for (const auto& replica : status.replicas) {
        sample.batches += replica.batches;
        sample.batch_tokens += replica.tokens;
        sample.busy_us += replica.busy_us;
        sample.resident_bytes += replica.memory.rss_bytes.value_or(0);
    }
    sample.cold_hits = status.warmup.cold_hits.total;
    sample.restarts = status.counters.restarts;
    sample.late_requests = status.late.requests;
    sample.late_tokenize_us = status.late.tokenize_us;
    sample.late_queue_us = status.late.queue_us;
    sample.late_forward_us = status.late.forward_us;
    sample.late_serialize_us = status.late.serialize_us;
    sample.late_total_us = status.late.total_us;
    sample.queue_requests = status.queue.requests;
    sample.queue_tokens = status.queue.tokens;
    for (const auto& client : status.clients)
        sample.inflight += client.inflight;
    if (status.other_clients)
        sample.inflight += status.other_clients->inflight;
    sample.oldest_us = status.queue.oldest_us;
    for (const auto& name : stage_names())
        if (const auto stage = stages.find(name); stage != stages.end())
            sample.latency[name] = classes_of(stage->second);
    return sample;
}

bool began_anew(const ipc::Status& before, const ipc::Status& now) noexcept
{
    return now.pid != before.pid || now.mono_us < before.mono_us || now.uptime_us < before.uptime_us;
}

void take_history(Record& record, const std::vector<ipc::Sample>& history, std::uint64_t now_us)
{
    for (const auto& sample : history) {
        const bool newer = record.samples.empty() || sample.mono_us > record.samples.back().mono_us;
        if (newer && sample.mono_us <= now_us)
            record.samples.push_back(sample);
    }
}

void begin_since_warm_up(Record& record, const ipc::Status& status)
{
    const bool watched = record.warm.has_value();
    if (watched && record.warm->sample.warm_epoch == status.warmup.epoch)
        return;
    record.warm_seen = watched || status.warmup.epoch <= 1;
    if (watched || !record.warm_seen) {
        record.warm = record.now;
        return;
    }
    // Before the first warm-up ended nothing was answered: counts begin there, at zero.
    record.warm.emplace();
    record.warm->sample.warm_epoch = status.warmup.epoch;
    const auto serving_us = elapsed(status.ready_at_us.value_or(status.uptime_us), status.uptime_us);
    record.warm->sample.mono_us = elapsed(serving_us, status.mono_us);
}

std::uint64_t window_began_us(const Record& record, Window window) noexcept
{
    return elapsed((window == Window::minute ? 60 : 10) * Record::second_us, record.now.sample.mono_us);
}

// Of what is in the order of its time: the oldest where all came after it.
template <class Past, class TimeOf>
auto newest_before(const Past& past, std::uint64_t time_us, TimeOf time_of) noexcept
    -> decltype(&past.front())
{
    decltype(&past.front()) newest = nullptr;
    for (const auto& each : past) {
        if (newest != nullptr && time_of(each) > time_us)
            break;
        newest = &each;
    }
    return newest;
}

} // namespace

Moment moment_of(const ipc::Status& status)
{
    Moment moment;
    moment.stages = stages_of(status);
    moment.sample = sample_of(status, moment.stages);
    for (const auto& replica : status.replicas)
        moment.replicas[replica.id] = {.generation = replica.generation,
                                       .batches = replica.batches,
                                       .tokens = replica.tokens,
                                       .busy_us = replica.busy_us};
    return moment;
}

void remember(Record& record, ipc::Status status, const std::vector<ipc::Sample>& history)
{
    if (record.status && began_anew(*record.status, status)) {
        record.samples.clear();
        record.moments.clear();
        record.warm.reset();
    }
    record.now = moment_of(status);
    take_history(record, history, status.mono_us);
    begin_since_warm_up(record, status);
    // A little less than a second, so that the daemon's jitter does not leave every other one out.
    constexpr auto apart_us = Record::second_us * 9 / 10;
    const auto due = [&](std::uint64_t last_us) { return status.mono_us - last_us >= apart_us; };
    if (record.samples.empty() || due(record.samples.back().mono_us))
        record.samples.push_back(record.now.sample);
    if (record.moments.empty() || due(record.moments.back().sample.mono_us))
        record.moments.push_back(record.now);
    while (record.samples.size() > Record::most_samples)
        record.samples.pop_front();
    while (record.moments.size() > Record::most_moments)
        record.moments.pop_front();
    record.status = std::move(status);
}

const Moment* start_of(const Record& record, Window window) noexcept
{
    const auto* start = window == Window::since_warm_up
                            ? (record.warm ? &*record.warm : nullptr)
                            : newest_before(record.moments, window_began_us(record, window),
                                            [](const Moment& moment) { return moment.sample.mono_us; });
    return start != nullptr && start->sample.mono_us < record.now.sample.mono_us ? start : nullptr;
}

const ipc::Sample* first_sample_of(const Record& record, Window window) noexcept
{
    if (window == Window::since_warm_up) {
        const auto* start = start_of(record, window);
        return start != nullptr ? &start->sample : nullptr;
    }
    const auto* start = newest_before(record.samples, window_began_us(record, window),
                                      [](const ipc::Sample& sample) { return sample.mono_us; });
    return start != nullptr && start->mono_us < record.now.sample.mono_us ? start : nullptr;
}

std::uint64_t grown(std::uint64_t from, std::uint64_t to) noexcept
{
    return to < from ? to : to - from;
}

std::uint64_t elapsed(std::uint64_t from_us, std::uint64_t to_us) noexcept
{
    return to_us - std::min(from_us, to_us);
}

std::optional<std::uint64_t> grown_in(const Record& record, Window window,
                                      std::uint64_t ipc::Sample::* count) noexcept
{
    const auto* start = first_sample_of(record, window);
    if (start == nullptr)
        return std::nullopt;
    return grown(start->*count, record.now.sample.*count);
}

std::optional<double> rate(const Record& record, Window window, std::uint64_t ipc::Sample::* count) noexcept
{
    const auto growth = grown_in(record, window, count);
    if (!growth)
        return std::nullopt;
    return static_cast<double>(*growth) * 1e6 /
           static_cast<double>(record.now.sample.mono_us - first_sample_of(record, window)->mono_us);
}

Distribution within(const Record& record, Window window, const std::string& stage)
{
    const auto found = record.now.stages.find(stage);
    if (found == record.now.stages.end())
        return {};
    const auto* start = start_of(record, window);
    if (start == nullptr)
        return {};
    const auto before = start->stages.find(stage);
    return before == start->stages.end() ? found->second : found->second.since(before->second);
}

std::vector<Second> last_seconds(const Record& record, std::size_t count, std::uint64_t silent_us)
{
    std::vector<Second> seconds(count);
    if (!record.status)
        return seconds;
    const auto known =
        std::min(silent_us, std::numeric_limits<std::uint64_t>::max() - record.status->mono_us);
    const auto now = record.status->mono_us + known;
    for (std::size_t i = record.samples.size(); i-- > 1;) {
        const auto& before = record.samples[i - 1];
        const auto& after = record.samples[i];
        const auto ago = (elapsed(after.mono_us, now) + Record::second_us / 2) / Record::second_us;
        if (ago >= count)
            break;
        if (after.mono_us - before.mono_us <= 2 * Record::second_us)
            seconds[count - 1 - ago] = {&before, &after};
    }
    return seconds;
}

} // namespace embedd::console::screen
