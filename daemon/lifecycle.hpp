#pragma once

#include "ipc/status.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace embedd::daemon {

using Clock = std::chrono::steady_clock;

enum class State : std::uint8_t {
    failed,
    stopping,
    draining,
    starting,
    loading,
    warming,
    reloading,
    rewarming,
    degraded,
    ready,
};

[[nodiscard]] std::string_view to_string(State) noexcept;

// The service's state and the tree of phases that led there, from the first millisecond. A value driven by
// events that carry their time: it logs nothing, sends nothing and knows no clock of its own. Where several
// states hold, the first of State's order is named.
//
// Phases are named by their path's last part as in docs/warmup.md: config, tokenizer, device.init,
// weights.read, weights.place, warmup.lengths, warmup.memory, warmup.concurrency, warmup.verify. A phase is
// created where it first begins; `plan` announces it before.
class Lifecycle {
public:
    explicit Lifecycle(Clock::time_point exec);

    void plan(std::string_view phase, std::optional<std::chrono::microseconds> last_time);
    void begin(std::string_view phase, Clock::time_point now);
    void progress(std::string_view phase, std::uint64_t done, std::optional<std::uint64_t> total,
                  std::string_view unit, Clock::time_point now);
    void finish(std::string_view phase, Clock::time_point now); // once; until it begins again
    void skip(std::string_view phase);
    void fail(std::string_view phase, std::string_view reason, Clock::time_point now);

    void ready(Clock::time_point now);
    void failed(std::string_view reason);
    void recovering();                     // a retry after failed
    void trouble(std::string_view reason); // it starts all the same, and says what went wrong on the way
    void rewarming(std::uint64_t done, std::uint64_t total);
    void rewarmed();
    // Another model is loaded, beside the one that serves or in its place.
    void reloading(std::string_view step, bool in_place);
    void reloaded();
    void degraded(std::string_view reason);
    void healed();
    void draining();
    void resumed();
    void stopping();

    [[nodiscard]] State state() const;
    [[nodiscard]] bool serving() const; // ready was reached and nothing since ended it
    [[nodiscard]] const std::string& reason() const { return reason_; }
    [[nodiscard]] std::optional<Clock::time_point> ready_at() const { return ready_at_; }

    // One line for STATUS= and the console: "warming up: warmup.lengths 41/62".
    [[nodiscard]] std::string status_text(Clock::time_point now) const;
    [[nodiscard]] std::vector<ipc::PhaseStatus> phases(Clock::time_point now) const;

    // Grows whenever a phase moves: the start timeout is extended only while it does.
    [[nodiscard]] std::uint64_t moves() const { return moves_; }

private:
    Clock::time_point exec_;
    std::vector<ipc::PhaseStatus> phases_;
    std::optional<Clock::time_point> ready_at_;
    std::string reason_;
    std::uint64_t moves_ = 0;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> rewarming_; // visits done, of all
    std::optional<std::string> reloading_;                             // its step
    bool in_place_ = false;
    bool failed_ = false, stopping_ = false, draining_ = false, degraded_ = false;
};

} // namespace embedd::daemon
