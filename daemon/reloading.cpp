#include "daemon/reloading.hpp"

#include "daemon/host_memory.hpp"
#include "daemon/log.hpp"
#include "daemon/model_change.hpp"
#include "daemon/model_tokenizer.hpp"
#include "daemon/notify.hpp"
#include "daemon/operations.hpp"
#include "daemon/rewarming.hpp"
#include "daemon/utc_time.hpp"
#include "daemon/warm_up_report.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace embedd::daemon {

namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// Without any step. Beside traffic the warm-up of one replica may take ten times --warmup-budget.
std::chrono::milliseconds stall_limit(const Options& options)
{
    return std::chrono::minutes{2} + 10 * options.warmup_budget;
}

std::uint64_t microseconds(Clock::duration span)
{
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

// What the operator named is at fault, or what we did with it.
ipc::Error as_error(const Failure& failure)
{
    const auto type = failure.code == ExitCode::configuration    ? ipc::ErrorType::bad_request
                      : failure.code == ExitCode::device_missing ? ipc::ErrorType::unsupported
                                                                 : ipc::ErrorType::internal;
    return {type, failure.message, {}};
}

} // namespace

struct Reloading::Arrival {
    std::optional<ipc::Loaded> loaded;
    std::optional<WarmUpOutcome> warmed;
    std::optional<Failure> failure;
    bool all_serve = false, moved = false, over = false;
};

Reloading::Reloading(Parts parts)
    : parts_(std::move(parts)), served_(parts_.options.model), waiting_(parts_.executor)
{
}

ipc::Result<ipc::ReloadReply> Reloading::check(const ipc::ReloadRequest& request) const
{
    const auto model = allowed_model(request.model, served_, parts_.options);
    if (!model)
        return model.error();
    const auto replicas = parts_.generations.current().replicas(Clock::now());
    ipc::ReloadReply reply{.dry_run = request.dry_run,
                           .model = model->string(),
                           .generation = parts_.generations.current_number(),
                           .needed_bytes = estimate_bytes(*model, replicas.size(), replicas),
                           .available_bytes = available_memory()};
    if (request.in_place)
        return reply;
    if (auto error = no_room(*reply.needed_bytes, reply.available_bytes))
        return std::move(*error);
    return reply;
}

ipc::Result<void> Reloading::start(const ipc::ReloadRequest& request, const std::string& who,
                                   OnProgress on_progress, Done done)
{
    if (stopped_)
        return ipc::Error{ipc::ErrorType::draining, "the service is stopping", {}};
    if (under_way_)
        return ipc::Error{ipc::ErrorType::overloaded, "a reload is under way: wait for its end", 1000};
    if (!parts_.lifecycle.ready_at())
        return ipc::Error{ipc::ErrorType::not_ready, "the service is still starting with its first model",
                          1000};
    auto reply = check(request);
    if (!reply)
        return reply.error();
    under_way_ = true;
    parts_.rewarming.stop();
    asked_ = Asked{.reply = std::move(*reply),
                   .in_place = request.in_place,
                   .begun = Clock::now(),
                   .on_progress = std::move(on_progress),
                   .done = std::move(done)};
    parts_.log.notice("reload of " + asked_->reply.model + " begins, asked for by " + who);
    parts_.status = {.state = "running",
                     .model = asked_->reply.model,
                     .started_us = microseconds(asked_->begun - parts_.exec)};
    parts_.notify.reloading();
    asio::co_spawn(parts_.executor, run(), [this](std::exception_ptr failure) {
        if (!failure)
            return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            parts_.on_fatal({ExitCode::failure, std::string("a reload: ") + error.what()});
        }
    });
    return {};
}

void Reloading::stop()
{
    stopped_ = true;
    waiting_.cancel();
}

asio::awaitable<void> Reloading::run()
{
    const std::filesystem::path model = asked_->reply.model;
    const bool in_place = asked_->in_place;
    step("begin", 0, 1);
    if (in_place)
        co_await end_old();
    auto brought = co_await bring(model);
    if (stopped_) {
        finish(ipc::Error{ipc::ErrorType::draining, "the service is stopping", {}});
        co_return;
    }
    if (!brought && in_place) {
        parts_.log.error("reload failed (" + brought.error().message + "), the model before is loaded again");
        const auto back = co_await bring(served_);
        if (!back && !stopped_)
            parts_.on_fatal({ExitCode::replicas_lost, "a reload in place failed (" + brought.error().message +
                                                          "), and so did the model before (" +
                                                          back.error().message + ')'});
        if (!back)
            co_return finish(brought.error());
    }
    if (in_place)
        parts_.operations.open();
    finish(brought);
}

// Clients wait at the gate from here on.
asio::awaitable<void> Reloading::end_old()
{
    parts_.operations.close();
    step("stop", 0, 1);
    const auto ended = std::make_shared<bool>(false);
    parts_.generations.end_current([this, ended] {
        *ended = true;
        waiting_.cancel();
    });
    while (!*ended && !stopped_) {
        waiting_.expires_at(Clock::time_point::max());
        co_await waiting_.async_wait(as_result);
    }
}

asio::awaitable<ipc::Result<void>> Reloading::bring(std::filesystem::path model)
{
    step("tokenizer", 0, 1);
    auto tokenizer = co_await load_tokenizer(parts_.executor, parts_.pool, model);
    if (!tokenizer)
        co_return as_error(tokenizer.error());
    if (stopped_)
        co_return ipc::Error{ipc::ErrorType::draining, "the service is stopping", {}};

    const auto arrival = std::make_shared<Arrival>();
    auto& engine = parts_.generations.begin(parts_.engine_options(model), events_for(arrival));
    for (const auto& shape : parts_.history.learned())
        engine.learn(shape);
    engine.start();
    const auto arrived = [&] { return arrival->all_serve || arrival->failure; };
    while (!arrived() && !stopped_) {
        arrival->moved = false;
        waiting_.expires_after(stall_limit(parts_.options));
        co_await waiting_.async_wait(as_result);
        if (!arrival->moved && !arrived() && !stopped_ && Clock::now() >= waiting_.expiry())
            arrival->failure = Failure{ExitCode::failure, "the new model's loading stands still"};
    }
    arrival->over = true;
    if (!arrival->failure && arrival->loaded)
        arrival->failure =
            mismatch(*tokenizer, static_cast<std::uint64_t>(arrival->loaded->card.vocabulary), model);
    if (!arrival->failure && arrival->warmed && arrival->warmed->budget_spent &&
        parts_.options.warmup_gate == WarmUpGate::strict)
        arrival->failure =
            Failure{ExitCode::failure, "--warmup-budget was spent before the new model was warm"};
    if (arrival->failure || stopped_) {
        parts_.generations.give_up_newest();
        co_return as_error(arrival->failure.value_or(Failure{ExitCode::failure, "the service is stopping"}));
    }
    take_over(*arrival, *std::move(tokenizer), model);
    co_return ipc::Result<void>{};
}

EngineEvents Reloading::events_for(const std::shared_ptr<Arrival>& arrival)
{
    auto events = parts_.engine_events();
    events.on_load_progress = [this, arrival](const ipc::LoadProgress& progress) {
        moved(*arrival, progress.phase, progress.done.value_or(0), progress.total.value_or(0));
    };
    events.on_loaded = [arrival](const ipc::Loaded& loaded) { arrival->loaded = loaded; };
    events.on_warm_up_progress = [this, arrival](WarmUpStage, std::uint64_t done, std::uint64_t total) {
        moved(*arrival, "warmup", done, total);
    };
    events.on_warmed = [arrival](const WarmUpOutcome& warmed) { arrival->warmed = warmed; };
    events.on_serving = [this, arrival](std::uint64_t serving, std::uint64_t of) {
        arrival->all_serve = serving == of;
        moved(*arrival, "replicas", serving, of);
        waiting_.cancel();
    };
    events.on_trouble = [this](const std::string& reason) { parts_.log.warning("the new model: " + reason); };
    events.on_fatal = [this, arrival, serving = std::move(events.on_fatal)](const Failure& failure) {
        if (arrival->over)
            return serving(failure);
        arrival->failure = failure;
        waiting_.cancel();
    };
    return events;
}

void Reloading::take_over(const Arrival& arrival, tokenizer::Tokenizer tokenizer,
                          const std::filesystem::path& model)
{
    const auto& loaded = *arrival.loaded;
    step("switch", 1, 1);
    parts_.operations.serve(parts_.generations.serve({loaded.card, std::move(tokenizer)}));
    served_ = model;
    parts_.card = loaded.card;
    parts_.lifecycle.healed();
    asked_->reply.generation = parts_.generations.current_number();
    asked_->reply.fingerprint = loaded.card.model.fingerprint;
    if (!arrival.warmed)
        return;
    auto report = report_of(*arrival.warmed);
    report.duration_us = microseconds(Clock::now() - asked_->begun);
    report.result = arrival.warmed->budget_spent ? "missed" : "done";
    ++parts_.warm_up.epoch;
    parts_.warm_up.state = arrival.warmed->budget_spent ? "failed" : "done";
    parts_.warm_up.last = report;
    asked_->reply.report = std::move(report);
    keep();
}

void Reloading::keep()
{
    ipc::WarmUpRecord record{.kind = "reload",
                             .version = EMBEDD_VERSION,
                             .model = parts_.card->model.name,
                             .fingerprint = parts_.card->model.fingerprint,
                             .dtype = parts_.card->model.dtype,
                             .report = *asked_->reply.report};
    if (const auto fault = parts_.history.add(std::move(record)))
        parts_.log.warning(*fault + ", going on without");
}

void Reloading::moved(Arrival& arrival, const std::string& name, std::uint64_t done, std::uint64_t total)
{
    arrival.moved = true;
    if (!arrival.over)
        step(name, done, total);
}

void Reloading::step(const std::string& name, std::uint64_t done, std::uint64_t total)
{
    if (!asked_)
        return;
    std::string text = name;
    if (total > 1)
        text += ' ' + std::to_string(done) + '/' + std::to_string(total);
    parts_.lifecycle.reloading(text, asked_->in_place);
    if (asked_->on_progress)
        asked_->on_progress({.done = done, .total = total, .step = name});
}

void Reloading::finish(const ipc::Result<void>& result)
{
    auto asked = *std::exchange(asked_, std::nullopt);
    under_way_ = false;
    const auto took = microseconds(Clock::now() - asked.begun);
    parts_.status.duration_us = took;
    parts_.lifecycle.reloaded();
    if (!stopped_)
        parts_.notify.ready(parts_.lifecycle.status_text(Clock::now()));
    if (!result) {
        parts_.status.state = "failed";
        parts_.status.reason = result.error().message;
        parts_.log.error("reload of " + asked.reply.model +
                         " failed, the model before serves: " + result.error().message);
        return asked.done(result.error());
    }
    parts_.status.state = "done";
    parts_.log.notice("reload done after " + std::to_string(took / 1000) + " ms: generation " +
                      std::to_string(asked.reply.generation) + " serves " + asked.reply.model);
    asked.reply.took_us = took;
    asked.done(asked.reply);
}

} // namespace embedd::daemon
