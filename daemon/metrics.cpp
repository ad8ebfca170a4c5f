#include "daemon/metrics.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace embedd::daemon {

namespace {
constexpr std::size_t recent_cold_hits = 32;

std::size_t class_of(std::uint64_t us)
{
    const auto bounds = us == 0 ? 0 : (us - 1) / ipc::Sample::first_bound_us;
    return std::min<std::size_t>(std::bit_width(bounds), ipc::Sample::classes - 1);
}
} // namespace

void Metrics::answered(std::string_view task, const ipc::Timing& timing, std::uint64_t inputs,
                       std::uint64_t tokens, bool cold)
{
    ++counters_.requests;
    counters_.inputs += inputs;
    counters_.tokens += tokens;

    auto& [stages, lateness] = tasks_.try_emplace(std::string(task)).first->second;
    const auto record = [&stages = stages](const char* stage, std::uint64_t took_us) {
        auto& latency = stages[stage];
        latency.exact.record(std::chrono::microseconds(took_us));
        ++latency.by_class[class_of(took_us)];
    };
    record("tokenize", timing.tokenize_us);
    if (task == "embed") {
        record("queue", timing.queue_us);
        record(cold ? "forward_cold" : "forward", timing.forward_us);
    }
    record("serialize", timing.serialize_us);
    record(cold ? "total_cold" : "total", timing.total_us);
    if (!cold)
        lateness.answered(timing);
}

void Metrics::refused(ipc::ErrorType type)
{
    ++counters_.requests;
    ++counters_.errors[std::string(to_string(type))];
}

void Metrics::cancelled()
{
    ++counters_.requests;
    ++counters_.cancelled;
}

void Metrics::cold_hit(ipc::ColdHit hit)
{
    ++cold_hits_.total;
    ++cold_hits_.by_cause[hit.cause];
    if (cold_hits_.recent.size() == recent_cold_hits)
        cold_hits_.recent.erase(cold_hits_.recent.begin());
    cold_hits_.recent.push_back(std::move(hit));
}

void Metrics::second_ended()
{
    for (auto& [name, task] : tasks_)
        task.lateness.second_ended();
}

std::map<std::string, std::map<std::string, ipc::LatencyStatus>> Metrics::latency() const
{
    std::map<std::string, std::map<std::string, ipc::LatencyStatus>> all;
    for (const auto& [name, task] : tasks_)
        for (const auto& [stage, latency] : task.stages)
            all[name][stage] = latency.exact.to_status();
    return all;
}

ipc::LateRequests Metrics::late() const
{
    ipc::LateRequests all;
    for (const auto& [name, task] : tasks_) {
        const auto& late = task.lateness.late();
        all.requests += late.requests;
        all.tokenize_us += late.tokenize_us;
        all.queue_us += late.queue_us;
        all.forward_us += late.forward_us;
        all.serialize_us += late.serialize_us;
        all.total_us += late.total_us;
    }
    return all;
}

std::map<std::string, std::vector<std::uint64_t>> Metrics::latency_classes() const
{
    std::map<std::string, std::vector<std::uint64_t>> all;
    for (const auto& [name, task] : tasks_)
        for (const auto& [stage, latency] : task.stages) {
            auto& sums = all.try_emplace(stage, ipc::Sample::classes, 0).first->second;
            std::ranges::transform(sums, latency.by_class, sums.begin(), std::plus());
        }
    return all;
}

} // namespace embedd::daemon
