#include "daemon/rewarming.hpp"

#include "daemon/host_memory.hpp"
#include "daemon/log.hpp"
#include "daemon/utc_time.hpp"
#include "daemon/warmer.hpp"

#include <utility>

namespace embedd::daemon {

ipc::Result<RewarmId> Rewarming::start(const ipc::RewarmRequest& request, const std::string& who,
                                       OnProgress on_event, Done done)
{
    if (!parts_.lifecycle.serving())
        return ipc::Error{ipc::ErrorType::not_ready,
                          "the service does not serve, so there is nothing to warm again", 1000};
    auto id = parts_.generations.current().rewarm(
        request,
        [this, on_event = std::move(on_event)](const ipc::Progress& event) {
            parts_.lifecycle.rewarming(event.done, event.total);
            if (on_event)
                on_event(event);
        },
        [this, started = utc_now(), begun = Clock::now(),
         done = std::move(done)](const RewarmOutcome& outcome) {
            const auto reply = finish(outcome, started, begun);
            if (done)
                done(reply);
        });
    if (id) {
        running_ = *id;
        parts_.lifecycle.rewarming(0, 0);
        parts_.log.notice("re-warm begins, asked for by " + who);
    }
    return id;
}

void Rewarming::cancel(RewarmId id)
{
    parts_.generations.current().cancel_rewarm(id);
}

void Rewarming::stop()
{
    if (running_)
        cancel(*running_);
}

ipc::Result<ipc::RewarmReply> Rewarming::dry_run(const ipc::RewarmRequest& request) const
{
    return parts_.generations.current().rewarm_plan(request);
}

ipc::RewarmReply Rewarming::finish(const RewarmOutcome& outcome, const std::string& started,
                                   Clock::time_point begun)
{
    running_.reset();
    parts_.lifecycle.rewarmed();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    ipc::WarmUpReport report;
    report.started = started;
    report.duration_us = static_cast<std::uint64_t>(took.count());
    report.result = outcome.result;
    report.cells = outcome.cells;
    report.memory_before_bytes = outcome.memory_before_bytes;
    report.memory_after_bytes = outcome.memory_after_bytes;
    report.memory_available_bytes = available_memory();
    report.max_batch_tokens = parts_.generations.current().batch().max_tokens;
    if (report.result == "done")
        ++parts_.warm_up.epoch;
    parts_.log.notice("re-warm " + report.result + " after " + std::to_string(took.count() / 1000) + " ms");

    ipc::WarmUpRecord record{.kind = "rewarm", .version = EMBEDD_VERSION, .report = report};
    if (parts_.card) {
        record.model = parts_.card->model.name;
        record.fingerprint = parts_.card->model.fingerprint;
        record.dtype = parts_.card->model.dtype;
    }
    if (const auto fault = parts_.history.add(std::move(record)))
        parts_.log.warning(*fault + ", going on without");
    return {.replicas = outcome.replicas, .cells = report.cells.size(), .report = std::move(report)};
}

} // namespace embedd::daemon
