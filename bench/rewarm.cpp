#include "bench/rewarm.hpp"

#include "ipc/client.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <utility>

namespace embedd::bench {

using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

// Re-warms a daemon again and again, on a thread and a connection of its own.
class Rewarming {
public:
    explicit Rewarming(const std::filesystem::path& socket)
        : client_({.socket = socket, .timeout = std::chrono::minutes{1}, .name = "embed-bench"}),
          thread_([this] { repeat(); })
    {
    }

    // Waits for the re-warm under way; none is begun after it. Gives what each took.
    Times finish()
    {
        last_ = true;
        thread_.join();
        if (!error_.empty())
            throw std::runtime_error("rewarm: " + error_);
        return std::move(times_);
    }

    ~Rewarming()
    {
        last_ = true;
        if (thread_.joinable())
            thread_.join();
    }
    Rewarming(const Rewarming&) = delete;
    Rewarming& operator=(const Rewarming&) = delete;

private:
    void repeat()
    {
        while (!last_) {
            const auto begun = steady_clock::now();
            const auto reply = client_.rewarm({}, [](const ipc::Progress&) {});
            if (!reply) {
                error_ = reply.error().error.message;
                return;
            }
            if (reply->report &&
                (reply->report->result == "failed" || reply->report->result == "cancelled")) {
                error_ = "ended as " + reply->report->result + "; the daemon's log says why";
                return;
            }
            times_.push_back(std::chrono::duration_cast<microseconds>(steady_clock::now() - begun));
        }
    }

    // Read by the owner once the thread has ended.
    Times times_;
    std::string error_;

    std::atomic<bool> last_ = false;
    ipc::Client client_;
    std::thread thread_; // after all that it uses
};

std::optional<double> tokens_per_second(const LoadResult& result)
{
    if (result.elapsed.count() == 0)
        return std::nullopt;
    return static_cast<double>(result.tokens) / std::chrono::duration<double>(result.elapsed).count();
}

} // namespace

RewarmTimes measure_rewarm(const RewarmOptions& options)
{
    RewarmTimes times;
    for (std::uint64_t pair = 0; pair < options.pairs; ++pair) {
        times.without.merge(run_load(options.load));
        Rewarming rewarming{options.load.socket};
        times.with.merge(run_load(options.load));
        const auto took = rewarming.finish();
        times.rewarms.insert(times.rewarms.end(), took.begin(), took.end());
    }
    return times;
}

RewarmSummary summarize(const RewarmTimes& times)
{
    RewarmSummary summary{.without_per_second = tokens_per_second(times.without),
                          .with_per_second = tokens_per_second(times.with),
                          .ratio = {},
                          .failed = times.without.failed + times.with.failed,
                          .added_p99 = {},
                          .rewarm = median(times.rewarms)};
    if (summary.without_per_second.value_or(0) > 0 && summary.with_per_second)
        summary.ratio = *summary.with_per_second / *summary.without_per_second;
    const auto before = times.without.latency.quantile(0.99);
    const auto beside = times.with.latency.quantile(0.99);
    if (before && beside)
        summary.added_p99 = *beside - *before;
    return summary;
}

std::vector<std::string> missed_bars(const RewarmSummary& summary, const RewarmBars& bars)
{
    std::vector<std::string> missed;
    if (!summary.ratio || !summary.rewarm)
        return {"nothing was measured: no request was answered, or no re-warm ended"};
    if (*summary.ratio < bars.ratio) {
        std::array<char, 120> text{};
        std::snprintf(text.data(), text.size(),
                      "throughput beside a re-warm is %.2f of that without, the bar is %.2f", *summary.ratio,
                      bars.ratio);
        missed.emplace_back(text.data());
    }
    if (summary.failed > 0)
        missed.push_back(std::to_string(summary.failed) + " requests failed, the bar is none");
    return missed;
}

} // namespace embedd::bench
