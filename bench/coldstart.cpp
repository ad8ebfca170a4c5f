#include "bench/coldstart.hpp"

#include "bench/bare_loop.hpp"
#include "bench/own_daemon.hpp"
#include "bench/token_requests.hpp"

#include <poll.h>

#include <chrono>
#include <utility>

namespace embedd::bench {

using std::chrono::microseconds;

namespace {

// Before each request of AskLength: a host that does nothing but answer us would never be idle.
void pause()
{
    ::poll(nullptr, 0, 1);
}

class Measurement {
public:
    explicit Measurement(const ColdstartOptions& options)
        : options_(options), model_(model_card(OwnDaemon{daemon("false")}.socket()))
    {
        plan_ = plan_lengths({.longest = model_.longest, .seed = options.seed});
    }

    void lengths(VariantTimes& times) const
    {
        if (times.variant == Variant::bare) {
            BareLoop loop{bare()};
            times.to_ready.push_back(loop.to_loaded());
            times.lengths.push_back(measure_lengths(plan_, [&](std::uint64_t tokens) {
                pause();
                return loop.ask({tokens});
            }));
            return;
        }
        const OwnDaemon daemon{command_of(times.variant)};
        times.to_ready.push_back(daemon.to_ready());
        TokenRequests requests{daemon.socket(), model_, options_.seed};
        times.lengths.push_back(measure_lengths(plan_, [&](std::uint64_t tokens) {
            pause();
            return requests.ask_as_stranger({tokens});
        }));
        times.ends.push_back(end_of(daemon));
    }

    void shapes(VariantTimes& times) const
    {
        const Shapes shapes{model_.longest, options_.seed};
        if (times.variant == Variant::bare) {
            BareLoop loop{bare()};
            times.to_ready.push_back(loop.to_loaded());
            times.shapes.push_back(measure_shapes(shapes, options_.requests,
                                                  [&](const Shape& shape) { return loop.ask(shape); }));
            return;
        }
        const OwnDaemon daemon{command_of(times.variant)};
        times.to_ready.push_back(daemon.to_ready());
        TokenRequests requests{daemon.socket(), model_, options_.seed};
        times.shapes.push_back(measure_shapes(shapes, options_.requests,
                                              [&](const Shape& shape) { return requests.ask(shape); }));
        times.ends.push_back(end_of(daemon));
    }

private:
    [[nodiscard]] std::vector<std::string> daemon(const std::string& warm_up) const
    {
        std::vector<std::string> command{options_.daemon.string()};
        command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
        command.insert(command.end(), {"--warmup", warm_up});
        return command;
    }

    [[nodiscard]] std::vector<std::string> command_of(Variant variant) const
    {
        return daemon(variant == Variant::warmed ? "true" : "false");
    }

    [[nodiscard]] std::vector<std::string> bare() const
    {
        return {options_.worker.string(), "--bare-loop", "--model", model_.path, "--dtype", model_.dtype};
    }

    static EndOfStart end_of(const OwnDaemon& daemon)
    {
        auto status = status_of(daemon.socket());
        return {.cold_hits = status.warmup.cold_hits.total,
                .cold_start = status.warmup.cold_start,
                .phases = std::move(status.phases),
                .warm_up = std::move(status.warmup.last)};
    }

    const ColdstartOptions& options_;
    ModelCard model_;
    std::vector<LengthPlan> plan_;
};

} // namespace

std::vector<VariantTimes> measure_coldstart(const ColdstartOptions& options,
                                            const ColdstartProgress& progress)
{
    progress("a start that is not measured");
    const Measurement measurement{options};
    std::vector<VariantTimes> all;
    for (const auto variant : options.variants)
        all.push_back({.variant = variant, .to_ready = {}, .lengths = {}, .shapes = {}, .ends = {}});
    for (std::uint64_t run = 1; run <= options.runs; ++run) {
        for (auto& times : all) {
            const auto step = std::string{to_string(times.variant)} + ", start " + std::to_string(run) +
                              " of " + std::to_string(options.runs);
            progress(step + ", lengths");
            measurement.lengths(times);
            progress(step + ", shapes");
            measurement.shapes(times);
        }
    }
    return all;
}

} // namespace embedd::bench
