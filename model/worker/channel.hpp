#pragma once

#include "ipc/frame.hpp"
#include "ipc/worker_protocol.hpp"
#include "model/failure.hpp"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace embedd::model {

struct Incoming {
    ipc::DaemonMessage message;
    std::vector<std::byte> payload;
};

// The worker's end of its socketpair to the daemon. A worker without its daemon has nothing to do: when the
// daemon hangs up, whichever call notices ends the process at once, with exit code 0.
class Channel {
public:
    // Whether `descriptor` is an open stream socket.
    [[nodiscard]] static bool usable(int descriptor);

    explicit Channel(int descriptor);
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // Blocks until a message is whole. One thread at a time. What cannot be read ends the process as a fault.
    [[nodiscard]] Incoming read();

    // Whether read() would find something at once. By the thread that may read.
    [[nodiscard]] bool readable() const;

    // From any thread. Blocks while the daemon does not read, which it always does.
    void send(const ipc::WorkerMessage& message, std::span<const std::byte> payload = {});

    // Waits this long, or until the daemon hangs up. From any thread, beside read().
    void watch(std::chrono::milliseconds duration) const;

    // Tells the daemon and stderr why, and ends the process.
    [[noreturn]] void fail(ipc::WorkerExit code, const std::string& why);
    [[noreturn]] void fail(const Failure& why);

private:
    int descriptor_;
    ipc::FrameDecoder decoder_;
    std::vector<std::byte> received_;
    std::mutex sending_;
};

} // namespace embedd::model
