#include "bench/chaos_events.hpp"

#include "bench/let_pass.hpp"
#include "bench/token_requests.hpp"
#include "ipc/client.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <string>

namespace embedd::bench {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr auto healing_limit = std::chrono::minutes{1};

std::int64_t some_worker(Stage& stage)
{
    std::vector<std::int64_t> workers;
    for (const auto& replica : status_of(stage.daemon.socket()).replicas)
        if (replica.pid)
            workers.push_back(*replica.pid);
    if (workers.empty())
        throw std::runtime_error("the daemon has no worker");
    return workers[std::uniform_int_distribution<std::size_t>{0, workers.size() - 1}(stage.random)];
}

bool serves(const ipc::ReplicaStatus& replica)
{
    return replica.state == "ready" || replica.state == "busy";
}

void wait_until_replaced(Stage& stage, std::int64_t worker)
{
    const auto deadline = steady_clock::now() + healing_limit;
    while (steady_clock::now() < deadline) {
        const auto replicas = status_of(stage.daemon.socket()).replicas;
        if (std::ranges::all_of(replicas, [worker](const auto& replica) {
                return replica.pid && *replica.pid != worker && serves(replica);
            }))
            return;
        let_pass(milliseconds{20});
    }
    throw std::runtime_error("a worker was not replaced within a minute");
}

void signal_worker(Stage& stage, int signal)
{
    const auto worker = some_worker(stage);
    ::kill(static_cast<pid_t>(worker), signal);
    wait_until_replaced(stage, worker);
}

void kill_worker(Stage& stage)
{
    signal_worker(stage, SIGKILL);
}

void freeze_worker(Stage& stage)
{
    signal_worker(stage, SIGSTOP);
}

// One answer of one worker is no number. With several replicas whichever computes next takes the fault, so
// that which one must go is known only once it went.
void corrupt_worker(Stage& stage)
{
    const auto restarts = [&stage] {
        std::uint64_t all = 0;
        for (const auto& replica : status_of(stage.daemon.socket()).replicas)
            all += replica.restarts;
        return all;
    };
    const auto before = restarts();
    std::ofstream{*stage.faults / "nan-once"}.flush();
    const auto deadline = steady_clock::now() + healing_limit;
    while (restarts() == before) {
        if (steady_clock::now() >= deadline)
            throw std::runtime_error("a worker that computes nonsense was not replaced within a minute");
        let_pass(milliseconds{20});
    }
    wait_until_replaced(stage, 0);
}

ipc::Client operator_of(const Stage& stage)
{
    return ipc::Client{{.socket = stage.daemon.socket(), .timeout = healing_limit, .name = "embed-bench"}};
}

constexpr auto unseen = [](const ipc::Progress&) {};

template <class Reply>
void demand(const char* what, const ipc::CallResult<Reply>& reply)
{
    if (!reply)
        throw std::runtime_error(std::string{what} + ": " + reply.error().error.message);
}

void rewarm(Stage& stage)
{
    demand("rewarm", operator_of(stage).rewarm({}, unseen));
}

void reload(Stage& stage)
{
    demand("reload", operator_of(stage).reload({}, unseen));
}

void reload_in_place(Stage& stage)
{
    demand("reload in place", operator_of(stage).reload({.in_place = true}, unseen));
}

void restart_replica(Stage& stage)
{
    const auto replicas = status_of(stage.daemon.socket()).replicas;
    std::uniform_int_distribution<std::size_t> any{0, replicas.size() - 1};
    demand("restart_replica",
           operator_of(stage).restart_replica({.replica = replicas[any(stage.random)].id}, unseen));
}

void drain_and_resume(Stage& stage)
{
    demand("drain", operator_of(stage).drain(unseen));
    demand("resume", operator_of(stage).resume());
}

void kill_daemon(Stage& stage)
{
    stage.daemon.restart(SIGKILL);
}

void stop_daemon(Stage& stage)
{
    stage.daemon.restart(SIGTERM);
}

constexpr std::array kinds{
    EventKind{.name = "kill -9 a worker", .needs_faults = false, .happen = kill_worker},
    EventKind{.name = "SIGSTOP a worker", .needs_faults = false, .happen = freeze_worker},
    EventKind{.name = "corrupt a worker", .needs_faults = true, .happen = corrupt_worker},
    EventKind{.name = "rewarm", .needs_faults = false, .happen = rewarm},
    EventKind{.name = "reload", .needs_faults = false, .happen = reload},
    EventKind{.name = "reload in place", .needs_faults = false, .happen = reload_in_place},
    EventKind{.name = "restart a replica", .needs_faults = false, .happen = restart_replica},
    EventKind{.name = "drain and resume", .needs_faults = false, .happen = drain_and_resume},
    EventKind{.name = "kill -9 the daemon", .needs_faults = false, .happen = kill_daemon},
    EventKind{.name = "SIGTERM the daemon", .needs_faults = false, .happen = stop_daemon},
};

} // namespace

std::span<const EventKind> event_kinds()
{
    return kinds;
}

std::vector<const EventKind*> deal_events(std::size_t events, std::uint64_t seed, bool with_faults)
{
    std::vector<const EventKind*> round, dealt;
    for (const auto& kind : kinds)
        if (with_faults || !kind.needs_faults)
            round.push_back(&kind);
    std::mt19937_64 random{seed};
    while (dealt.size() < events) {
        std::shuffle(round.begin(), round.end(), random);
        dealt.insert(dealt.end(), round.begin(), round.end());
    }
    dealt.resize(events);
    return dealt;
}

} // namespace embedd::bench
