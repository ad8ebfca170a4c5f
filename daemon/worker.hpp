#pragma once

#include "daemon/failure.hpp"
#include "ipc/worker_protocol.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

struct WorkerCommand {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    std::string device = "cpu"; // as operators are told
    std::vector<int> cpus;      // that it is pinned to; none: wherever we may run
};

// How a worker ended: its exit code, or the signal that killed it.
struct WorkerEnd {
    std::optional<int> exit_code;
    std::optional<int> signal;
    std::string said; // why the channel was given up, if it was

    [[nodiscard]] std::string describe() const;
};

// One worker process and our end of its socketpair. Spawned from the main thread (PR_SET_PDEATHSIG follows
// the thread), in a session of its own, with nothing open but 0-2 and the channel, without NOTIFY_SOCKET,
// WATCHDOG_* and LISTEN_*, with oom_score_adj raised and ONEDNN_PRIMITIVE_CACHE_CAPACITY set. Its exit is
// seen by pidfd.
//
// Everything, callbacks too, happens on the executor's thread. After on_end nothing is called any more.
// Destroying a Worker kills the process and reaps it, without callbacks.
class Worker {
public:
    struct Events {
        std::function<void(ipc::WorkerMessage, std::vector<std::byte> payload)> on_message;
        std::function<void(WorkerEnd)> on_end; // exactly once; the process is reaped and the channel closed
    };

    [[nodiscard]] static Result<std::unique_ptr<Worker>> spawn(boost::asio::any_io_executor,
                                                               const WorkerCommand&, Events);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Queued and written as the worker reads: never blocks. A malformed answer kills the worker.
    void send(const ipc::DaemonMessage&, std::vector<std::byte> payload = {});

    void kill(); // SIGKILL and channel closed; on_end follows

    [[nodiscard]] pid_t pid() const noexcept;

private:
    class State;
    explicit Worker(std::shared_ptr<State>);
    std::shared_ptr<State> state_;
};

} // namespace embedd::daemon
