#include "daemon/bring_up.hpp"

#include "daemon/log.hpp"
#include "daemon/program_path.hpp"
#include "daemon/tokenizer_proof.hpp"
#include "daemon/verify.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <exception>
#include <random>
#include <utility>

namespace embedd::daemon {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

constexpr auto tokenizer_deadline = 20s;
constexpr auto first_retry = 1s;
constexpr auto longest_retry = 60s;
constexpr std::array phases{"config",        "tokenizer",      "device.init",  "weights.read",
                            "weights.place", "warmup.lengths", "warmup.verify"};

std::string utc_now()
{
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text.data();
}

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

BringUp::BringUp(Parts parts)
    : parts_(std::move(parts)), history_(parts_.options.state_directory), waiting_(parts_.executor)
{
    const auto now = Clock::now();
    for (const char* phase : phases)
        parts_.lifecycle.plan(phase, history_.last_time(phase));
    parts_.lifecycle.begin("config", parts_.exec);
    parts_.lifecycle.finish("config", now);
    if (!parts_.options.warmup) {
        parts_.lifecycle.skip("warmup.lengths");
        parts_.lifecycle.skip("warmup.verify");
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
    const auto file = parts_.options.model / "tokenizer.json";
    const auto program = companion_program("embedd-tokenizer-proof");
    if (!program) {
        parts_.on_fatal(program.error());
        co_return;
    }
    const auto proven = co_await prove_tokenizer(parts_.executor, *program, file, tokenizer_deadline);
    if (stopped_)
        co_return;
    if (!proven) {
        parts_.lifecycle.fail("tokenizer", proven.error().message, Clock::now());
        parts_.on_fatal(proven.error());
        co_return;
    }
    using Loading = std::optional<tokenizer::Result<tokenizer::Tokenizer>>;
    const auto loading = std::make_shared<Loading>();
    parts_.pool.run([loading, file] { loading->emplace(tokenizer::Tokenizer::load(file)); },
                    [this, loading, file] {
                        if (stopped_)
                            return;
                        if (!**loading)
                            return parts_.on_fatal(
                                {ExitCode::configuration, file.string() + ": " + (*loading)->error().detail});
                        tokenizer_ = ***loading;
                        parts_.lifecycle.finish("tokenizer", Clock::now());
                        join();
                    });
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
    parts_.log.info("loaded " + loaded.card.model.name + " (" + loaded.card.model.dtype + ") on " +
                    loaded.device_name + ", " + std::to_string(loaded.lanes) + " lanes");
    join();
}

void BringUp::on_warm_up_progress(const ipc::WarmUpProgress& progress)
{
    parts_.warm_up.state = "running";
    parts_.lifecycle.progress(progress.phase, progress.done, progress.total, "steps", Clock::now());
}

void BringUp::on_warmed(const ipc::Warmed& warmed)
{
    parts_.lifecycle.finish("warmup.lengths", Clock::now());
    parts_.warm_up.plan_cells = warmed.plan_cells;
    warmed_ = warmed;
    join();
}

void BringUp::join()
{
    const bool warm = warmed_.has_value() || !parts_.options.warmup;
    if (joined_ || stopped_ || !tokenizer_ || !parts_.card || !warm)
        return;
    if (tokenizer_->largest_id() >= static_cast<std::uint64_t>(parts_.card->vocabulary)) {
        parts_.on_fatal({ExitCode::configuration, (parts_.options.model / "tokenizer.json").string() +
                                                      ": its largest id " +
                                                      std::to_string(tokenizer_->largest_id()) +
                                                      " is beyond the model's vocabulary of " +
                                                      std::to_string(parts_.card->vocabulary)});
        return;
    }
    joined_ = true;
    operations_->serve(std::make_shared<const ServedModel>(ServedModel{*parts_.card, *tokenizer_}));
    if (!warmed_)
        return serve();
    operations_->set_batch_tokens(warmed_->max_batch_tokens);
    spawn(prove(), "verifying the warm-up");
}

asio::awaitable<void> BringUp::prove()
{
    VerifyOptions options;
    options.socket = parts_.socket;
    options.token = parts_.rehearsal_token;
    for (const ipc::RungCost& rung : warmed_->rungs)
        options.rungs.push_back(rung.rows);
    options.longest_input = parts_.card->model.max_tokens;
    options.vocabulary = parts_.card->vocabulary;
    options.seed = std::random_device()();
    const VerifyProgress progress = [this](std::uint64_t done, std::uint64_t total) {
        parts_.lifecycle.progress("warmup.verify", done, total, "steps", Clock::now());
    };
    const bool strict = parts_.options.warmup_gate == WarmUpGate::strict;
    const WarmUpPromise promise;
    auto retry = std::chrono::milliseconds(first_retry);
    bool again = false;
    while (!stopped_) {
        parts_.lifecycle.begin("warmup.verify", Clock::now());
        const auto report = co_await verify_warm_up(parts_.executor, options, promise, progress);
        if (stopped_)
            co_return;
        parts_.lifecycle.finish("warmup.verify", Clock::now());
        if (report) {
            ipc::WarmUpReport last;
            last.started = utc_now();
            last.duration_us = microseconds(Clock::now() - parts_.exec);
            last.ratio = report->ratio;
            last.ratio_worst = report->ratio_worst;
            last.cells = report->cells;
            last.memory_before_bytes = warmed_->memory_before_bytes;
            last.memory_after_bytes = warmed_->memory_after_bytes;
            parts_.warm_up.last = std::move(last);
        }
        if (report && report->keeps(promise)) {
            parts_.log.info("warm: " + ratios(*report));
            break;
        }
        const std::string fault = report ? ratios(*report) : report.error().message;
        if (!again) { // every visit warms: measure once more before anything is said
            again = true;
            ++options.seed;
            continue;
        }
        if (!strict) {
            parts_.log.warning("warm-up keeps not its promise (" + fault + "), serving all the same");
            break;
        }
        parts_.log.error("warm-up keeps not its promise (" + fault + "), trying again");
        parts_.lifecycle.failed("warm-up keeps not its promise: " + fault);
        waiting_.expires_after(retry);
        co_await waiting_.async_wait(as_result);
        retry = std::min<std::chrono::milliseconds>(retry * 2, longest_retry);
        parts_.lifecycle.recovering();
        ++options.seed;
    }
    if (!stopped_)
        serve();
}

void BringUp::serve()
{
    if (parts_.options.warmup)
        parts_.warm_up.state = "done";
    ++parts_.warm_up.epoch;
    parts_.lifecycle.ready(Clock::now());
    operations_->open();
    parts_.on_ready();
    keep();
}

void BringUp::keep()
{
    WarmUpHistory::Start start;
    start.to_ready = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - parts_.exec);
    start.model = parts_.card->model.fingerprint + ' ' + parts_.card->model.dtype;
    for (const ipc::PhaseStatus& phase : parts_.lifecycle.phases(Clock::now()))
        if (phase.duration_us)
            start.phases_us[phase.name] = *phase.duration_us;
    if (const auto usual = history_.usual_time(start.model); usual && start.to_ready > *usual * 3 / 2)
        parts_.log.warning("this start took " + std::to_string(start.to_ready.count() / 1000) +
                           " ms, usual are " + std::to_string(usual->count() / 1000) + " ms");
    if (const auto fault = history_.add(start))
        parts_.log.warning(*fault + ", going on without");
}

} // namespace embedd::daemon
