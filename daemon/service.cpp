#include "daemon/service.hpp"

#include "daemon/administration.hpp"
#include "daemon/bring_up.hpp"
#include "daemon/descriptor_limit.hpp"
#include "daemon/draining.hpp"
#include "daemon/fitting.hpp"
#include "daemon/reloading.hpp"
#include "daemon/rewarming.hpp"
#include "daemon/sample_history.hpp"
#include "daemon/server.hpp"
#include "daemon/spare_memory.hpp"
#include "daemon/warmer.hpp"
#include "daemon/worker_command.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace embedd::daemon {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto beat_while_moving = 100ms; // how often STATUS= may change while it starts or stops
constexpr auto beat_at_rest = 1s;
constexpr auto start_extension = 30s;
constexpr auto extension_interval = 1s;
constexpr auto cold_hit_interval = 10s;
constexpr auto proven_lately = 10s;

std::string random_token()
{
    std::array<unsigned char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        return {}; // nothing passes the gate early then
    constexpr std::string_view digits = "0123456789abcdef";
    std::string token;
    for (const unsigned char byte : bytes) {
        token += digits[byte >> 4U];
        token += digits[byte & 15U];
    }
    return token;
}

EngineOptions engine_options(Options options, const std::filesystem::path& worker,
                             const std::filesystem::path& model)
{
    options.model = model;
    EngineOptions engine;
    engine.workers = worker_commands(options, worker, cores_of(usable_cpus()));
    for (auto& command : engine.workers)
        command.arguments.insert(command.arguments.end(),
                                 {"--channel", std::to_string(ipc::worker_channel_fd)});
    engine.load_balancing = options.load_balancing;
    engine.max_queue_tokens = options.max_queue_tokens;
    engine.warm_up = {.budget = options.warmup_budget,
                      .max_batch_latency = options.max_batch_latency,
                      .max_batch_tokens = options.max_batch_tokens};
    engine.warmup = options.warmup;
    return engine;
}

SessionLimits session_limits(const Options& options)
{
    SessionLimits limits;
    limits.request_bytes = options.max_request_bytes;
    limits.inputs = options.max_inputs;
    limits.whole_frame = options.frame_limit;
    limits.write_stall = options.write_limit;
    return limits;
}

unsigned pool_threads(const Options& options)
{
    return options.tokenizer_threads != 0 ? options.tokenizer_threads
                                          : std::max(1U, std::thread::hardware_concurrency());
}

class Service {
public:
    Service(const Options& options, const std::filesystem::path& worker, const Listener& listener,
            Notify notify, Log& log, Clock::time_point exec)
        : memory_(options.max_client_bytes), listener_(listener), notify_(std::move(notify)), log_(log),
          exec_(exec), lifecycle_(exec), signals_(io_), beat_(io_), drain_limit_(io_), options_(options),
          worker_(worker), token_(random_token()), history_(options.state_directory),
          bring_up_({.executor = io_.get_executor(),
                     .options = options,
                     .socket = listener.path(),
                     .rehearsal_token = token_,
                     .exec = exec,
                     .lifecycle = lifecycle_,
                     .pool = pool_,
                     .warm_up = warm_up_,
                     .history = history_,
                     .card = card_,
                     .generations = generations_,
                     .log = log,
                     .visit = [this](const ipc::RewarmRequest& shapes,
                                     std::function<void()> done) { visit(shapes, std::move(done)); },
                     .on_ready = [this] { ready(); },
                     .on_fatal = [this](const Failure& failure) { fatal(failure); }}),
          generations_(io_.get_executor(), log), rewarming_({.generations = generations_,
                                                             .lifecycle = lifecycle_,
                                                             .warm_up = warm_up_,
                                                             .history = history_,
                                                             .card = card_,
                                                             .log = log}),
          reloading_({.executor = io_.get_executor(),
                      .options = options,
                      .generations = generations_,
                      .operations = operations_,
                      .rewarming = rewarming_,
                      .pool = pool_,
                      .lifecycle = lifecycle_,
                      .notify = notify_,
                      .warm_up = warm_up_,
                      .history = history_,
                      .card = card_,
                      .status = reload_,
                      .exec = exec,
                      .log = log,
                      .engine_options =
                          [this](const auto& model) { return engine_options(options_, worker_, model); },
                      .engine_events = [this] { return engine_events(); },
                      .on_fatal = [this](const Failure& failure) { fatal(failure); }}),
          draining_(io_.get_executor(), operations_, lifecycle_, log),
          administration_({.rewarming = rewarming_,
                           .reloading = reloading_,
                           .draining = draining_,
                           .generations = generations_,
                           .metrics = metrics_,
                           .log = log}),
          operations_({.executor = io_.get_executor(),
                       .options = options,
                       .memory = memory_,
                       .pool = pool_,
                       .metrics = metrics_,
                       .administration = administration_,
                       .history = history_,
                       .samples = samples_,
                       .rehearsal_token = token_,
                       .report = [this](const Caller& caller) { return report(caller); },
                       .health = [this](Operations::HealthTold tell) { health(std::move(tell)); },
                       .wanted = [this] { load(); }}),
          server_(io_.get_executor(), listener, session_limits(options), options.max_clients, operations_,
                  clients_, log),
          pool_(io_.get_executor(), pool_threads(options))
    {
        auto events = engine_events();
        bring_up_events(events);
        generations_.begin(engine_options(options, worker, options.model), std::move(events));
        log_.on_line([this](Level level, std::string_view line) { events_.add(level, line); });
    }

    ~Service() { log_.on_line({}); }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    ExitCode run()
    {
        for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
            signals_.add(number);
        await_signal();
        server_.start();
        for (const auto& shape : history_.learned())
            generations_.current().learn(shape);
        if (options_.load == LoadMode::eager)
            load();
        else
            wait_for_work();
        beat();
        io_.run();
        return exit_;
    }

private:
    void load()
    {
        if (loading_ || stopping_)
            return;
        loading_ = true;
        lifecycle_.trouble("");
        log_.info("loading " + options_.model.string());
        generations_.current().start();
        bring_up_.start(operations_);
    }

    // Live without the model's memory: who waits for READY=1 goes on, and the first request loads it.
    void wait_for_work()
    {
        lifecycle_.trouble("loads the model at the first request (--load lazy)");
        log_.notice("listening; the model is loaded at the first request");
        notify_.ready("not loaded: waits for the first request");
    }

    void visit(const ipc::RewarmRequest& shapes, std::function<void()> done)
    {
        const auto begun =
            generations_.current().rewarm(shapes, {}, [done](const RewarmOutcome&) { done(); });
        if (!begun) // no replica serves now; what there is is verified again
            asio::post(io_, std::move(done));
    }

    // Of an engine that serves.
    EngineEvents engine_events()
    {
        EngineEvents events;
        events.on_fatal = [this](const Failure& failure) { fatal(failure); };
        events.on_degraded = [this](std::optional<std::string> reason) {
            if (reason)
                lifecycle_.degraded(*reason);
            else
                lifecycle_.healed();
        };
        events.on_cold_hit = [this](const ipc::ColdHit& hit) { cold_hit(hit); };
        return events;
    }

    // Of the first one, until it does.
    void bring_up_events(EngineEvents& events)
    {
        events.on_load_progress = [this](const auto& progress) { bring_up_.on_load_progress(progress); };
        events.on_loaded = [this](const auto& loaded) { bring_up_.on_loaded(loaded); };
        events.on_warm_up_progress = [this](WarmUpStage stage, std::uint64_t done, std::uint64_t total) {
            bring_up_.on_warm_up_progress(stage, done, total);
        };
        events.on_trouble = [this](const std::string& reason) { lifecycle_.trouble(reason); };
        events.on_warmed = [this](const auto& warmed) { bring_up_.on_warmed(warmed); };
    }

    void ready()
    {
        const auto now = Clock::now();
        notify_.ready(lifecycle_.status_text(now));
        log_.notice(
            "ready after " +
            std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now - exec_).count()) +
            " ms");
    }

    void fatal(const Failure& failure)
    {
        if (stopping_)
            return;
        stopping_ = true;
        lifecycle_.failed(failure.message);
        log_.error(failure.message);
        notify_.failed(failure.message, failure.code == ExitCode::configuration ? EINVAL : EIO);
        end(failure.code);
    }

    void cold_hit(const ipc::ColdHit& hit)
    {
        if (!lifecycle_.serving())
            return bring_up_.on_cold_hit(hit); // nothing was promised yet
        metrics_.cold_hit(hit);
        if (const auto fault = history_.learn({hit.task, hit.rows, hit.length}))
            log_.warning(*fault + ", going on without");
        const auto now = Clock::now();
        if (now - cold_hit_said_ < cold_hit_interval)
            return;
        cold_hit_said_ = now;
        log_.warning("a batch was cold (" + hit.cause + ", " + std::to_string(hit.rows) + " rows); " +
                     std::to_string(metrics_.cold_hits().total) + " so far");
    }

    void await_signal()
    {
        signals_.async_wait([this](boost::system::error_code failure, int number) {
            if (failure)
                return;
            if (number == SIGTERM || number == SIGINT)
                stop();
            else if (number == SIGUSR1)
                rewarm();
            else if (number == SIGHUP)
                reload();
            await_signal();
        });
    }

    void rewarm()
    {
        const auto begun = rewarming_.start({}, "SIGUSR1", {}, {});
        if (!begun)
            log_.warning("SIGUSR1: " + begun.error().message);
    }

    void reload()
    {
        const auto begun = reloading_.start({}, "SIGHUP", {}, [](const auto&) {});
        if (!begun)
            log_.warning("SIGHUP: " + begun.error().message);
    }

    // What was accepted is answered; who connects from here on waits in the kernel's queue for our successor.
    void stop()
    {
        if (stopping_)
            return;
        stopping_ = true;
        lifecycle_.draining();
        lifecycle_.stopping();
        log_.notice("stopping: answering what was accepted");
        notify_.stopping("stopping: answering what was accepted");
        bring_up_.stop();
        rewarming_.stop();
        reloading_.stop();
        draining_.stop();
        server_.stop_accepting();
        operations_.stop();
        drain_until_ = Clock::now() + options_.drain_timeout;
        drained();
    }

    void drained()
    {
        const bool done = operations_.under_way() == 0 && server_.quiet();
        if (!done && Clock::now() < drain_until_) {
            drain_limit_.expires_after(5ms);
            drain_limit_.async_wait([this](boost::system::error_code) { drained(); });
            return;
        }
        if (!done)
            log_.warning("--drain-timeout is over, giving up on what is under way");
        end(ExitCode::stopped);
    }

    void end(ExitCode code)
    {
        exit_ = code;
        bring_up_.stop();
        server_.close();
        generations_.stop();
        io_.stop();
    }

    void beat()
    {
        const auto now = Clock::now();
        const bool resting = lifecycle_.serving() && !stopping_ && !reloading_.under_way();
        notify_.status(lifecycle_.status_text(now));
        if (!resting && lifecycle_.moves() != moves_seen_ && now - extended_ >= extension_interval) {
            moves_seen_ = lifecycle_.moves();
            extended_ = now;
            notify_.extend_timeout(start_extension);
        }
        if (!lost_ && listener_.lost()) {
            lost_ = true;
            log_.error(listener_.path().string() +
                       " was removed or replaced: nobody new can reach this service until it is restarted");
        }
        if (samples_.due(now)) {
            samples_.keep(report_sample(sources(), operations_.under_way(), now), now);
            metrics_.second_ended();
        }
        if (resting)
            spare_memory_.give_back(now);
        auto next =
            std::chrono::microseconds(resting ? std::chrono::milliseconds(beat_at_rest) : beat_while_moving);
        if (const auto watched = notify_.watchdog_interval()) {
            if (!generations_.overdue())
                notify_.watchdog();
            next = std::min(next, *watched / 2);
        }
        beat_.expires_after(next);
        beat_.async_wait([this](boost::system::error_code failure) {
            if (!failure)
                beat();
        });
    }

    StatusSources sources() const
    {
        return {lifecycle_, generations_, metrics_, clients_, events_, warm_up_, card_, reload_, exec_};
    }

    ipc::Status report(const Caller& caller) const
    {
        return report_status(sources(), caller.admin, caller.owner.uid, Clock::now());
    }

    // Never green while dead: unless a replica answered lately, one is asked to before this is answered.
    void health(Operations::HealthTold tell)
    {
        if (!lifecycle_.serving() || stopping_)
            return tell(health_reply(false));
        generations_.current().prove(proven_lately, [this, tell = std::move(tell)](bool serving) {
            tell(health_reply(serving && !stopping_));
        });
    }

    ipc::HealthReply health_reply(bool ready) const
    {
        return {.live = true,
                .ready = ready,
                .state = std::string(to_string(lifecycle_.state())),
                .reason = lifecycle_.reason()};
    }

    // In the order of death, last first: clients go before what they call, and the loop goes last of all but
    // what its handlers hold.
    ByteBudget memory_;
    asio::io_context io_{1};
    const Listener& listener_;
    Notify notify_;
    Log& log_;
    Clock::time_point exec_;
    Lifecycle lifecycle_;
    asio::signal_set signals_;
    asio::steady_timer beat_, drain_limit_;
    const Options& options_;
    const std::filesystem::path worker_;
    std::string token_;
    Events events_;
    Metrics metrics_;
    SampleHistory samples_;
    Clients clients_;
    WarmUpState warm_up_;
    WarmUpHistory history_;
    std::optional<ipc::ModelCard> card_;
    ipc::ReloadStatus reload_;
    BringUp bring_up_;
    Generations generations_;
    Rewarming rewarming_;
    Reloading reloading_;
    Draining draining_;
    Administration administration_;
    Operations operations_;
    Server server_;
    SpareMemory spare_memory_{pool_};
    TextPool pool_; // its threads end before what they read

    bool loading_ = false;
    bool stopping_ = false;
    bool lost_ = false;
    ExitCode exit_ = ExitCode::failure;
    Clock::time_point drain_until_{}, extended_{}, cold_hit_said_{};
    std::uint64_t moves_seen_ = 0;
};

} // namespace

ExitCode serve(const Options& options, Notify notify, Log& log, Clock::time_point exec)
{
    std::signal(SIGPIPE, SIG_IGN);
    const auto possible = fitting(options, raise_descriptor_limit(), log);
    const auto refuse = [&](const Failure& failure) {
        log.error(failure.message);
        notify.failed(failure.message, EINVAL);
        return failure.code;
    };
    const auto worker = worker_program(options);
    if (!worker)
        return refuse(worker.error());
    const auto listener = Listener::open(
        {.socket = options.socket, .mode = options.socket_mode, .group = options.socket_group});
    if (!listener)
        return refuse(listener.error());
    return Service(possible, *worker, *listener, std::move(notify), log, exec).run();
}

} // namespace embedd::daemon
