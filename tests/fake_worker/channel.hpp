#pragma once

#include "ipc/frame.hpp"
#include "ipc/worker_protocol.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace embedd::fake {

struct Incoming {
    ipc::DaemonMessage message;
    std::vector<std::byte> payload;
};

// The worker's end of the socketpair, by one thread. The process ends where the channel does.
class Channel {
public:
    explicit Channel(int descriptor);

    void send(const ipc::WorkerMessage& message, std::span<const std::byte> payload = {});
    void send_garbage();

    // The next message, or nothing after this long without one.
    [[nodiscard]] std::optional<Incoming> receive(std::chrono::milliseconds wait);

    // Looks at nothing but the channel's end.
    void ignore(std::chrono::milliseconds duration) const;

private:
    void write_all(std::span<const std::byte> bytes) const;

    int descriptor_;
    ipc::FrameDecoder decoder_;
};

} // namespace embedd::fake
