#pragma once

#include "ipc/frame.hpp"
#include "ipc/worker_protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace embedd::tests {

// A real embedd-worker and the daemon's end of its channel. Each wait is bounded: what does not come throws.
class WorkerProcess {
public:
    struct Received {
        ipc::WorkerMessage message;
        std::vector<std::byte> payload;
    };

    // Adds --channel. `output` takes its stdout; "" leaves it where ours goes.
    explicit WorkerProcess(std::vector<std::string> arguments, std::vector<std::string> environment = {},
                           const std::string& output = {});
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    void send(const ipc::DaemonMessage& message, std::span<const std::byte> payload = {});

    // A batch of these inputs, by number.
    void run(std::uint64_t batch, const std::vector<std::vector<std::int32_t>>& inputs);

    [[nodiscard]] Received next();

    // The next message of this kind; others are passed over.
    template <class Message>
    [[nodiscard]] Message until()
    {
        return std::get<Message>(until_index(ipc::WorkerMessage{Message{}}.index()).message);
    }
    // The next answer to a batch, done or failed.
    [[nodiscard]] Received answer();

    [[nodiscard]] bool hung_up(); // reads until the worker's end closes
    void hang_up();
    void kill() const;
    [[nodiscard]] int exit_status(); // as a shell gives it: 128 + signal for a killed one

private:
    Received until_index(std::size_t index);
    bool receive(); // false at the end

    pid_t pid_ = -1;
    int socket_ = -1;
    ipc::FrameDecoder decoder_;
};

} // namespace embedd::tests
