#pragma once

#include "ipc/client.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace embedd::bench {

// Why a request was not answered and is worth sending again: its connection broke or could not be made, the
// daemon stops, its queue is full, or it does not serve yet.
enum class RetryCause : std::uint8_t { broken, draining, overloaded, not_ready };

[[nodiscard]] std::string_view to_string(RetryCause) noexcept;

// How a patient client treats one request: it comes back as often as that may help, until its deadline.
class Retrying {
public:
    using Clock = std::chrono::steady_clock;

    struct Retry {
        RetryCause cause;
        std::chrono::milliseconds pause; // before it is sent again
        bool afresh;                     // over a new connection: its successor may be at the socket
    };

    explicit Retrying(Clock::time_point deadline) : deadline_(deadline) {}

    // Nothing: it failed. Trying again would not help, or the deadline comes first. What is overloaded or not
    // ready is asked again when it says; the successor of what left may be there at any moment. Pauses that
    // nobody names double from 10 ms to 200 ms.
    [[nodiscard]] std::optional<Retry> after(const ipc::CallFailure&, Clock::time_point now);

private:
    Clock::time_point deadline_;
    std::chrono::milliseconds next_pause_{10};
};

} // namespace embedd::bench
