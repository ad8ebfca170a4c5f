#pragma once

#include "daemon/scheduler.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <vector>

namespace embedd::daemon {

using Lengths = std::vector<std::uint32_t>;

// How a job ended for its client.
struct Outcome {
    std::optional<ipc::Error> refused; // at once
    bool expired = false;
    Clock::duration took{};
    [[nodiscard]] bool answered() const { return !refused && !expired; }
};

// A scheduler with two lanes and a clock that only events move. A batch of n rows takes 1.5 ms and 137 µs a
// row, as measured for a small model on one core (7 tokens/ms in a full batch of 256, 4.3 in one of 16),
// within 5 %.
class Simulation {
public:
    static constexpr std::uint64_t lanes = 2, batch_tokens = 256;
    static constexpr std::chrono::microseconds full_batch{1500 + 137 * batch_tokens};
    static constexpr double tokens_per_ms = 2 * 256 / 36.572;

    explicit Simulation(std::uint64_t capacity_tokens = 2'000'000);

    void at(Clock::time_point, std::function<void()>);
    void after(Clock::duration span, std::function<void()> what) { at(now + span, std::move(what)); }
    void run(Clock::duration);

    using Done = std::function<void(const Outcome&)>;
    void submit(QueuedJob, Done); // its id is given here; answers arrive 100 µs after their batch

    // Tokens computed for a connection in a span of time.
    [[nodiscard]] std::uint64_t computed(std::uint64_t connection, Clock::time_point from,
                                         Clock::time_point to) const;
    [[nodiscard]] std::uint64_t computed(Clock::time_point from, Clock::time_point to) const;

    Clock::time_point now{};
    std::mt19937 random{1};
    Scheduler scheduler;
    std::uint64_t most_waiting = 0; // tokens
    Clock::time_point last_empty{};

private:
    struct Event {
        Clock::time_point at;
        std::uint64_t order;
        std::function<void()> what;
        bool operator<(const Event& other) const
        {
            return std::pair(at, order) > std::pair(other.at, other.order);
        }
    };
    struct Open {
        std::uint64_t connection = 0;
        Clock::time_point since;
        std::size_t missing = 0;
        Done done;
    };
    struct Served {
        Clock::time_point at;
        std::uint64_t connection = 0, tokens = 0;
    };

    void dispatch();
    void computed(const Batch&);
    void answer(JobId, Outcome);

    std::priority_queue<Event> events_;
    std::uint64_t next_event_ = 0, free_lanes_ = lanes;
    std::map<JobId, Open> open_;
    JobId next_job_ = 1;
    std::vector<Served> served_;
};

// Sends one request after another, as soon as the last one is answered or `every` so often whether it is or
// not.
class Client {
public:
    struct Habits {
        Owner owner;
        ipc::Priority priority = ipc::Priority::interactive;
        std::uint32_t shortest = 16, longest = 16;
        std::size_t texts = 1;                          // a request
        std::size_t requests = 1;                       // under way at once, where it waits for answers
        std::optional<std::chrono::microseconds> every; // on average, at random times where `random`
        bool random = false;
        bool new_connections = false; // one each request
        std::optional<std::chrono::milliseconds> timeout;
        Clock::time_point until = Clock::time_point::max();
    };

    Client(Simulation&, Habits);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    struct Past {
        Clock::time_point sent;
        std::uint64_t tokens = 0;
        Outcome outcome;
    };
    std::vector<Past> past;

    [[nodiscard]] std::chrono::microseconds percentile(double share) const; // of what was answered

private:
    void send();
    void next_in_time();

    Simulation& simulation_;
    Habits habits_;
    std::uint64_t connections_ = 0;
};

} // namespace embedd::daemon
