#include "daemon/metrics_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace embedd::daemon {

namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Bounds of the buckets, in µs: enough for a quantile by PromQL, few enough for a scraper.
constexpr std::array<std::uint64_t, 19> bounds_us{100,        250,        500,        1'000,      2'500,
                                                  5'000,      10'000,     25'000,     50'000,     100'000,
                                                  250'000,    500'000,    1'000'000,  2'500'000,  5'000'000,
                                                  10'000'000, 25'000'000, 50'000'000, 100'000'000};

std::string number(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.9g", value);
    return text.data();
}

double seconds(std::uint64_t us)
{
    return static_cast<double>(us) / 1e6;
}

class Exposition {
public:
    // Of the samples that follow; left out where none does.
    void family(std::string_view name, std::string_view type, std::string_view help)
    {
        name_ = name;
        head_ = "# HELP embedd_" + name_ + ' ' + std::string(help) + "\n# TYPE embedd_" + name_ + ' ' +
                std::string(type) + '\n';
    }

    void sample(double value, Labels labels = {}, std::string_view suffix = "")
    {
        text_ += std::exchange(head_, {}) + "embedd_" + name_ + std::string(suffix);
        if (labels.size() > 0) {
            char before = '{';
            for (const auto& [label, text] : labels) {
                text_ += before + std::string(label) + "=\"" + escaped(text) + '"';
                before = ',';
            }
            text_ += '}';
        }
        text_ += ' ' + number(value) + '\n';
    }

    void one(std::string_view name, std::string_view type, std::string_view help, std::optional<double> value)
    {
        if (!value)
            return;
        family(name, type, help);
        sample(*value);
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    static std::string escaped(std::string_view text)
    {
        std::string out;
        for (const char c : text) {
            if (c == '\\' || c == '"')
                out += '\\';
            out += c == '\n' ? ' ' : c;
        }
        return out;
    }

    std::string name_, head_, text_;
};

template <class T>
std::optional<double> as_number(const std::optional<T>& value)
{
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

std::optional<double> as_seconds(const std::optional<std::uint64_t>& us)
{
    return us ? std::optional(seconds(*us)) : std::nullopt;
}

std::optional<double> as_hertz(const std::optional<std::uint64_t>& mhz)
{
    return mhz ? std::optional(static_cast<double>(*mhz) * 1e6) : std::nullopt;
}

void add_service(Exposition& out, const ipc::Status& status)
{
    out.family("info", "gauge", "What runs: always 1.");
    const auto model = status.model.value_or(ipc::ModelStatus{});
    out.sample(1, {{"version", status.version},
                   {"model", model.name},
                   {"fingerprint", model.fingerprint},
                   {"dtype", model.dtype}});
    out.family("state", "gauge", "The state it is in: always 1.");
    out.sample(1, {{"state", status.state}});
    out.one("serving", "gauge", "1 while requests are computed.", status.serving ? 1 : 0);
    out.one("uptime_seconds", "gauge", "Time since exec.", seconds(status.uptime_us));
    out.one("ready_seconds", "gauge", "From exec to READY.", as_seconds(status.ready_at_us));
}

void add_counters(Exposition& out, const ipc::Counters& counters)
{
    const auto count = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        out.one(name, "counter", help, static_cast<double>(value));
    };
    count("requests_total", "Requests that were answered, refused or cancelled.", counters.requests);
    count("inputs_total", "Inputs that were answered.", counters.inputs);
    count("tokens_total", "Tokens that were computed for clients.", counters.tokens);
    count("cancelled_total", "Requests that were cancelled, or whose client left.", counters.cancelled);
    count("retries_total", "Batches that were computed again.", counters.retries);
    count("worker_restarts_total", "Workers that were spawned again.", counters.restarts);
    out.family("errors_total", "counter", "Requests that were answered with an error.");
    for (const auto& [type, errors] : counters.errors)
        out.sample(static_cast<double>(errors), {{"type", type}});
}

void add_work(Exposition& out, const ipc::Status& status)
{
    out.one("queue_requests", "gauge", "Requests that wait.", static_cast<double>(status.queue.requests));
    out.one("queue_tokens", "gauge", "Tokens that wait.", static_cast<double>(status.queue.tokens));
    out.one("queue_capacity_tokens", "gauge", "Tokens that may wait.",
            static_cast<double>(status.queue.capacity_tokens));
    out.one("queue_oldest_seconds", "gauge", "How long the oldest waits.",
            as_seconds(status.queue.oldest_us));
    out.one("batch_max_tokens", "gauge", "The token budget of a batch.", as_number(status.batch.max_tokens));
    out.one("batch_padding_ratio", "gauge", "Rows beyond the tokens of batches, as a share.",
            status.batch.padding_fraction);
}

void add_replicas(Exposition& out, const std::vector<ipc::ReplicaStatus>& replicas)
{
    using Replica = ipc::ReplicaStatus;
    using Figure = std::optional<double> (*)(const Replica&);
    const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                          Figure figure) {
        out.family(name, type, help);
        for (const auto& replica : replicas)
            if (const auto value = figure(replica))
                out.sample(*value, {{"replica", std::to_string(replica.id)}, {"device", replica.device}});
    };
    each("replica_serving", "gauge", "1 while the replica takes batches.",
         [](const Replica& r) { return std::optional(r.state == "ready" || r.state == "busy" ? 1.0 : 0.0); });
    each("replica_batches_total", "counter", "Batches of clients.",
         [](const Replica& r) { return std::optional(static_cast<double>(r.batches)); });
    each("replica_busy_seconds_total", "counter", "Time its lanes computed.",
         [](const Replica& r) { return std::optional(seconds(r.busy_us)); });
    each("replica_resident_bytes", "gauge", "Memory of the host that the worker holds.",
         [](const Replica& r) { return as_number(r.memory.rss_bytes); });
    each("replica_memory_weights_bytes", "gauge", "The model's weights.",
         [](const Replica& r) { return as_number(r.memory.weights_bytes); });
    each("replica_memory_active_bytes", "gauge", "What the device's allocator has given out.",
         [](const Replica& r) { return as_number(r.memory.active_bytes); });
    each("replica_memory_reserved_bytes", "gauge", "What the allocator holds of the device.",
         [](const Replica& r) { return as_number(r.memory.reserved_bytes); });
    each("replica_memory_peak_bytes", "gauge", "The most that was given out at a time.",
         [](const Replica& r) { return as_number(r.memory.peak_bytes); });
    each("replica_memory_graphs_bytes", "gauge", "What captured graphs keep.",
         [](const Replica& r) { return as_number(r.memory.graphs_bytes); });
    each("replica_memory_alloc_retries_total", "counter",
         "Times the allocator gave all unused memory back to find some.",
         [](const Replica& r) { return as_number(r.memory.alloc_retries); });
    each("replica_memory_ooms_total", "counter", "Times the device had no memory left.",
         [](const Replica& r) { return as_number(r.memory.ooms); });
}

void add_devices(Exposition& out, const std::vector<ipc::DeviceStatus>& devices)
{
    using Device = ipc::DeviceStatus;
    using Figure = std::optional<double> (*)(const Device&);
    const auto each = [&](std::string_view name, std::string_view help, Figure figure) {
        out.family(name, "gauge", help);
        for (const auto& device : devices)
            if (const auto value = figure(device))
                out.sample(*value, {{"device", device.id}});
    };
    out.family("device_info", "gauge", "What replicas compute on: always 1.");
    for (const auto& device : devices)
        out.sample(1, {{"device", device.id}, {"name", device.name}});
    each("device_memory_total_bytes", "The device's memory.",
         [](const Device& d) { return as_number(d.total_bytes); });
    each("device_memory_used_bytes", "What processes hold of it.",
         [](const Device& d) { return as_number(d.used_bytes); });
    each("device_memory_other_bytes", "What processes hold of it that are no workers of this service.",
         [](const Device& d) { return as_number(d.other_bytes); });
    each("device_utilization_ratio", "Share of time in which something was computed.",
         [](const Device& d) { return d.utilization; });
    each("device_memory_utilization_ratio", "Share of time in which its memory was read or written.",
         [](const Device& d) { return d.memory_utilization; });
    each("device_power_watts", "What it draws.", [](const Device& d) { return d.power_w; });
    each("device_temperature_celsius", "Its temperature.", [](const Device& d) { return d.temperature_c; });
    each("device_sm_clock_hertz", "The clock of what computes.",
         [](const Device& d) { return as_hertz(d.sm_clock_mhz); });
    each("device_memory_clock_hertz", "The clock of its memory.",
         [](const Device& d) { return as_hertz(d.memory_clock_mhz); });
    each("device_throttled", "1 while its clocks are held down.", [](const Device& d) {
        return d.throttled ? std::optional(d.throttled->empty() ? 0.0 : 1.0) : std::nullopt;
    });
    out.family("device_throttle_reason", "gauge", "Why they are: 1 for each reason there is.");
    for (const auto& device : devices)
        for (const auto& reason : device.throttled.value_or(std::vector<std::string>{}))
            out.sample(1, {{"device", device.id}, {"reason", reason}});
}

void add_warm_up(Exposition& out, const ipc::WarmUpStatus& warmup)
{
    out.one("warmup_epoch", "gauge", "Warm-ups that ended, those of re-warms too.",
            static_cast<double>(warmup.epoch));
    if (warmup.last) {
        out.one("warmup_duration_seconds", "gauge", "From exec to the end of the last start's warm-up.",
                seconds(warmup.last->duration_us));
        out.one("warmup_first_request_ratio", "gauge",
                "First request by control, median over lengths (promise: 1.2).", warmup.last->ratio);
        out.one("warmup_first_request_ratio_worst", "gauge",
                "First request by control, the worst length (promise: 1.5).", warmup.last->ratio_worst);
    }
    out.family("cold_hits_total", "counter", "Batches of clients that were cold after READY (promise: 0).");
    for (const auto* cause : {"rung", "slow", "capture", "alloc"}) {
        const auto found = warmup.cold_hits.by_cause.find(cause);
        out.sample(found == warmup.cold_hits.by_cause.end() ? 0 : static_cast<double>(found->second),
                   {{"cause", cause}});
    }
    if (warmup.cold_start)
        out.one("cold_start_extra_seconds", "gauge",
                "What first batches cost beyond later ones, not warmed up.",
                seconds(warmup.cold_start->first_us -
                        std::min(warmup.cold_start->first_us, warmup.cold_start->steady_us)));
}

void add_latency(Exposition& out, const ipc::Status& status)
{
    out.family("stage_duration_seconds", "histogram",
               "Time of a request by task and stage; the sum is within 2 %.");
    for (const auto& [task, stages] : status.latency)
        for (const auto& [stage, latency] : stages) {
            std::uint64_t below = 0;
            double sum = 0;
            auto bucket = latency.buckets.begin();
            for (const auto bound : bounds_us) {
                for (; bucket != latency.buckets.end() && bucket->first <= bound; ++bucket) {
                    below += bucket->second;
                    sum += seconds(bucket->first) * static_cast<double>(bucket->second);
                }
                out.sample(static_cast<double>(below),
                           {{"task", task}, {"stage", stage}, {"le", number(seconds(bound))}}, "_bucket");
            }
            out.sample(static_cast<double>(latency.count), {{"task", task}, {"stage", stage}, {"le", "+Inf"}},
                       "_bucket");
            out.sample(sum, {{"task", task}, {"stage", stage}}, "_sum");
            out.sample(static_cast<double>(latency.count), {{"task", task}, {"stage", stage}}, "_count");
        }
}

} // namespace

std::string metrics_text(const ipc::Status& status)
{
    Exposition out;
    add_service(out, status);
    add_counters(out, status.counters);
    add_work(out, status);
    add_replicas(out, status.replicas);
    add_devices(out, status.devices);
    add_warm_up(out, status.warmup);
    add_latency(out, status);
    return out.take();
}

} // namespace embedd::daemon
