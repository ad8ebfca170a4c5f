#include "daemon/bring_up.hpp"

#include "daemon/log.hpp"
#include "daemon/model_tokenizer.hpp"
#include "daemon/warm_up_report.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <random>
#include <utility>

namespace embedd::daemon {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

constexpr auto first_retry = 1s;
constexpr auto longest_retry = 60s;
constexpr std::array phases{"config",        "tokenizer",          "device.init",
                            "weights.read",  "weights.place",      "warmup.lengths",
                            "warmup.memory", "warmup.concurrency", "warmup.verify"};

std::string ratios(const VerifyReport& report)
{
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(),
                  "a first request takes %.2f times a repeated one, at worst %.2f times", report.ratio,
                  report.ratio_worst);
    return text.data();
}

std::uint64_t microseconds(Clock::duration span)
{
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

} // namespace

BringUp::BringUp(Parts parts) : parts_(std::move(parts)), waiting_(parts_.executor)
{
    const auto now = Clock::now();
    for (const char* phase : phases)
        parts_.lifecycle.plan(phase, parts_.history.last_time(phase));
    parts_.lifecycle.begin("config", parts_.exec);
    parts_.lifecycle.finish("config", now);
    if (!parts_.options.warmup) {
        for (const std::string_view phase : phases)
            if (phase.starts_with("warmup."))
                parts_.lifecycle.skip(phase);
        parts_.warm_up.state = "skipped";
    }
}

void BringUp::start(Operations& operations)
{
    operations_ = &operations;
    parts_.lifecycle.begin("tokenizer", Clock::now());
    spawn(load_tokenizer(), "loading the tokenizer");
}

void BringUp::stop()
{
    stopped_ = true;
    waiting_.cancel();
}

void BringUp::spawn(asio::awaitable<void> work, const char* what)
{
    asio::co_spawn(parts_.executor, std::move(work), [this, what](std::exception_ptr failure) {
        if (!failure)
            return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            parts_.on_fatal({ExitCode::failure, std::string(what) + ": " + error.what()});
        }
    });
}

asio::awaitable<void> BringUp::load_tokenizer()
{
    auto loaded = co_await daemon::load_tokenizer(parts_.executor, parts_.pool, parts_.options.model);
    if (stopped_)
        co_return;
    if (!loaded) {
        parts_.lifecycle.fail("tokenizer", loaded.error().message, Clock::now());
        parts_.on_fatal(loaded.error());
        co_return;
    }
    tokenizer_ = *std::move(loaded);
    parts_.lifecycle.finish("tokenizer", Clock::now());
    join();
}

void BringUp::on_load_progress(const ipc::LoadProgress& progress)
{
    const auto now = Clock::now();
    if (progress.done)
        parts_.lifecycle.progress(progress.phase, *progress.done, progress.total, progress.unit, now);
    else if (!progress.finished)
        parts_.lifecycle.begin(progress.phase, now);
    if (progress.finished)
        parts_.lifecycle.finish(progress.phase, now);
}

void BringUp::on_loaded(const ipc::Loaded& loaded)
{
    parts_.card = loaded.card;
    rungs_ = loaded.rungs;
    lanes_ = loaded.lanes;
    // The first replica tells how far it is, and another one may be faster.
    for (const auto* phase : {"device.init", "weights.read", "weights.place"})
        parts_.lifecycle.finish(phase, Clock::now());
    parts_.log.info("loaded " + loaded.card.model.name + " (" + loaded.card.model.dtype + ") on " +
                    loaded.device_name + ", " + std::to_string(loaded.lanes) + " lanes");
    join();
}

void BringUp::on_warm_up_progress(WarmUpStage stage, std::uint64_t done, std::uint64_t total)
{
    const auto now = Clock::now();
    parts_.warm_up.state = "running";
    if (!warming_since_)
        warming_since_ = now;
    if (stage == WarmUpStage::lengths)
        return parts_.lifecycle.progress("warmup.lengths", done, total, "visits", now);
    if (std::exchange(filling_memory_, true))
        return;
    parts_.lifecycle.finish("warmup.lengths", now);
    parts_.lifecycle.begin("warmup.memory", now);
}

void BringUp::on_warmed(const WarmUpOutcome& warmed)
{
    const auto now = Clock::now();
    parts_.lifecycle.finish(filling_memory_ ? "warmup.memory" : "warmup.lengths", now);
    warmed_ = warmed;
    if (!warmed.stable)
        parts_.log.warning("some shapes' times did not settle; the costs of batches are known less well");
    join();
}

void BringUp::on_cold_hit(const ipc::ColdHit& hit)
{
    cold_.push_back(hit);
}

void BringUp::join()
{
    const bool warm = warmed_.has_value() || !parts_.options.warmup;
    if (joined_ || stopped_ || !tokenizer_ || !parts_.card || !warm)
        return;
    if (const auto fault = mismatch(*tokenizer_, parts_.card->vocabulary, parts_.options.model))
        return parts_.on_fatal(*fault);
    joined_ = true;
    operations_->serve(parts_.generations.serve({*parts_.card, *tokenizer_}));
    if (!warmed_)
        return serve();
    spawn(prove(), "verifying the warm-up");
}

// A promise that is missed is worked on until the budget is spent; then the gate decides.
asio::awaitable<void> BringUp::prove()
{
    VerifyOptions options;
    options.socket = parts_.socket;
    options.token = parts_.rehearsal_token;
    for (const auto rows : rungs_)
        if (!warmed_->out_of_memory_rows || rows < *warmed_->out_of_memory_rows)
            options.rungs.push_back(rows);
    options.longest_input = parts_.card->model.max_tokens;
    options.vocabulary = parts_.card->vocabulary;
    options.seed = std::random_device()();

    const auto budget_ends = warming_since_.value_or(Clock::now()) + parts_.options.warmup_budget;
    const bool strict = parts_.options.warmup_gate == WarmUpGate::strict;
    auto retry = std::chrono::milliseconds(first_retry);
    missed_ = co_await rehearse();
    if (warmed_->budget_spent && warmed_->rungs.size() < options.rungs.size())
        missed_ = "--warmup-budget was spent after " + std::to_string(warmed_->rungs.size()) + " of " +
                  std::to_string(options.rungs.size()) + " row counts";
    while (!stopped_) {
        const auto fault = co_await verify(options);
        if (stopped_)
            co_return;
        if (!missed_)
            missed_ = fault;
        parts_.warm_up.last = report_so_far();
        if (!missed_)
            break;
        const bool in_budget = Clock::now() < budget_ends;
        if (!in_budget && !strict)
            break;
        if (!in_budget) {
            parts_.log.error("warm-up keeps not its promise (" + *missed_ + "), trying again");
            parts_.lifecycle.failed("warm-up keeps not its promise: " + *missed_);
            waiting_.expires_after(retry);
            co_await waiting_.async_wait(as_result);
            retry = std::min<std::chrono::milliseconds>(retry * 2, longest_retry);
            parts_.lifecycle.recovering();
        }
        co_await visit_again(missed_shapes());
        missed_.reset();
        ++options.seed;
    }
    if (stopped_)
        co_return;
    if (missed_)
        parts_.log.warning("warm-up keeps not its promise (" + *missed_ + "), serving all the same");
    else
        parts_.log.info("warm: " + ratios(*verified_));
    serve();
}

// Nothing, or why clients could not be simulated.
asio::awaitable<std::optional<std::string>> BringUp::rehearse()
{
    const WarmUpProgress progress = [this](std::uint64_t done, std::uint64_t total) {
        parts_.lifecycle.progress("warmup.concurrency", done, total, "cells", Clock::now());
    };
    auto plan = plan_warm_up({.tasks = parts_.card->model.tasks,
                              .rungs = rungs_,
                              .longest_input = parts_.card->model.max_tokens,
                              .lanes = lanes_});
    ConcurrencyOptions options{
        .socket = parts_.socket, .token = parts_.rehearsal_token, .seed = std::random_device()()};
    parts_.lifecycle.begin("warmup.concurrency", Clock::now());
    auto cells = co_await simulate_clients(parts_.executor, std::move(options), std::move(plan), progress);
    parts_.lifecycle.finish("warmup.concurrency", Clock::now());
    if (!cells)
        co_return cells.error().message;
    rehearsed_ = *std::move(cells);
    co_return std::nullopt;
}

// Nothing, or how the promise is missed.
asio::awaitable<std::optional<std::string>> BringUp::verify(VerifyOptions options)
{
    const WarmUpProgress progress = [this](std::uint64_t done, std::uint64_t total) {
        parts_.lifecycle.progress("warmup.verify", done, total, "requests", Clock::now());
    };
    const WarmUpPromise promise;
    cold_.clear();
    parts_.lifecycle.begin("warmup.verify", Clock::now());
    auto report = co_await verify_warm_up(parts_.executor, std::move(options), promise, progress);
    parts_.lifecycle.finish("warmup.verify", Clock::now());
    if (!report)
        co_return report.error().message;
    verified_ = *std::move(report);
    // Of a length's draws the first one warms the rows for the others: what was cold is counted apart.
    if (!cold_.empty())
        co_return std::to_string(cold_.size()) + " requests were cold, the first at " +
            std::to_string(cold_.front().rows) + " rows (" + cold_.front().cause + ')';
    if (verified_->keeps(promise))
        co_return std::nullopt;
    co_return ratios(*verified_);
}

asio::awaitable<void> BringUp::visit_again(const ipc::RewarmRequest& shapes)
{
    const auto done = std::make_shared<bool>(false); // we may be gone before it is
    waiting_.expires_at(Clock::time_point::max());
    parts_.visit(shapes, [this, done] {
        *done = true;
        waiting_.cancel();
    });
    while (!*done && !stopped_)
        co_await waiting_.async_wait(as_result);
}

// The lengths that were slow, or everything where it is not known which.
ipc::RewarmRequest BringUp::missed_shapes() const
{
    ipc::RewarmRequest request;
    const WarmUpPromise promise;
    if (warmed_->rungs.size() < rungs_.size())
        return request;
    for (const auto& hit : cold_)
        request.lengths.push_back(hit.length);
    if (verified_)
        for (const auto& cell : verified_->cells)
            if (cell.first_us && cell.control_us &&
                static_cast<double>(*cell.first_us) > promise.median * static_cast<double>(*cell.control_us))
                request.lengths.push_back(cell.length);
    return request;
}

ipc::WarmUpReport BringUp::report_so_far() const
{
    auto report = report_of(*warmed_);
    report.duration_us = microseconds(Clock::now() - parts_.exec);
    report.cells.insert(report.cells.end(), rehearsed_.begin(), rehearsed_.end());
    if (verified_) {
        report.ratio = verified_->ratio;
        report.ratio_worst = verified_->ratio_worst;
        report.cells.insert(report.cells.end(), verified_->cells.begin(), verified_->cells.end());
    }
    report.result = missed_ ? "missed" : "done";
    return report;
}

void BringUp::serve()
{
    if (parts_.options.warmup)
        parts_.warm_up.state = missed_ ? "failed" : "done";
    ++parts_.warm_up.epoch;
    parts_.lifecycle.ready(Clock::now());
    operations_->open();
    parts_.on_ready();
    keep();
}

void BringUp::keep()
{
    const auto& model = parts_.card->model;
    const auto to_ready = Clock::now() - parts_.exec;
    ipc::WarmUpRecord record{.version = EMBEDD_VERSION,
                             .model = model.name,
                             .fingerprint = model.fingerprint,
                             .dtype = model.dtype,
                             .to_ready_us = microseconds(to_ready)};
    for (const ipc::PhaseStatus& phase : parts_.lifecycle.phases(Clock::now()))
        if (phase.duration_us)
            record.phases_us[phase.name] = *phase.duration_us;
    if (parts_.warm_up.last)
        record.report = *parts_.warm_up.last;
    else
        record.report.result = "unproven";
    if (const auto usual = parts_.history.usual_time(model); usual && to_ready > *usual * 3 / 2)
        parts_.log.warning("this start took " + std::to_string(microseconds(to_ready) / 1000) +
                           " ms, usual are " + std::to_string(usual->count() / 1000) + " ms");
    const bool visited_all = record.report.result == "done";
    for (const auto& fault : {parts_.history.add(std::move(record)),
                              visited_all ? parts_.history.forget_learned() : std::nullopt})
        if (fault)
            parts_.log.warning(*fault + ", going on without");
}

} // namespace embedd::daemon
