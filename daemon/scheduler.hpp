#pragma once

#include "daemon/cost_model.hpp"
#include "daemon/fair_queue.hpp"
#include "daemon/pace.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace embedd::daemon {

struct QueuedJob {
    JobId id = 0;
    Owner owner;
    ipc::Priority priority = ipc::Priority::interactive;
    std::optional<Clock::time_point> deadline;
    std::vector<std::uint32_t> lengths; // tokens of each input
};

struct Batch {
    std::vector<Part> parts; // shorter ones first: attention groups equal lengths
    std::uint64_t tokens = 0;
    std::uint8_t attempt = 1;
    bool suspect = false; // may have taken down a worker: it runs on one that has nothing else to lose
};

// What waits, and what is computed next. A value driven by events that carry their time: no timers, no I/O.
//
// Owners take turns (FairQueue), charged in device time. Interactive goes before batch, which is still paid
// an eighth of the device's time while both wait. A batch is filled from what waits at the moment it is asked
// for, to where its rung of the ladder is used best; but what waits of those with little is not held up by
// work that would fill a batch by itself: it goes at once, and pays for the room it leaves, which is a
// sixteenth of the device's time at most.
//
// A job is admitted when there is room for it and when it can be served by its deadline, as far as what waits
// now and the measured pace tell; what is refused is told when to come again.
class Scheduler {
public:
    explicit Scheduler(std::uint64_t capacity_tokens);
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    void calibrate(CostModel cost, std::uint64_t batch_tokens);
    void lower_batch_tokens(std::uint64_t to);
    [[nodiscard]] std::uint64_t batch_tokens() const noexcept { return batch_tokens_; }
    [[nodiscard]] const CostModel& cost() const noexcept { return cost_; }
    void measured(std::uint64_t tokens, std::chrono::microseconds in_lane)
    {
        pace_.record(cost_.microseconds(tokens), in_lane);
    }

    // `lanes` that work now: what times are estimated from. Refused: too_large when the queue could never
    // hold it, overloaded when it cannot now, or when so much goes before it that its deadline would pass.
    // Where nothing waits or no batch was measured yet no deadline is a reason.
    [[nodiscard]] ipc::Result<void> push(const QueuedJob&, Clock::time_point now, std::uint64_t lanes);

    // The job is over: what waits of it is never handed out.
    void forget(JobId);

    // Jobs of which something still waits though their deadline passed. To be called before work is taken.
    [[nodiscard]] std::vector<JobId> expired(Clock::time_point now);
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const;

    [[nodiscard]] std::optional<Batch> next_batch();

    // A batch that did not run to its end through no fault of its own.
    void put_back(const Batch&);
    // Runs before what is new, as it is: not mixed with others.
    void retry(Batch);

    // Retries that may have taken down a worker.
    [[nodiscard]] bool suspect_waits() const noexcept { return !suspects_.empty(); }
    [[nodiscard]] std::optional<Batch> next_suspect() { return next_retry(suspects_); }

    [[nodiscard]] ipc::QueueStatus status(Clock::time_point now) const;
    [[nodiscard]] std::vector<JobId> waiting() const;

private:
    // How much waits of an owner, for whose sake a batch is filled up or sent as it is.
    enum class Backlog : std::uint8_t {
        little,   // of the uid: less than a batch
        together, // of the uid a batch or more, of the connection less
        much,     // of the connection; and all of priority batch, which is in no hurry
    };

    struct Entry {
        Owner owner;
        ipc::Priority priority = ipc::Priority::interactive;
        std::optional<Clock::time_point> deadline;
        Clock::time_point since;
        std::uint64_t parts = 0, tokens = 0; // that wait
    };

    // Of the device's time while interactive work waits too.
    static constexpr double batch_share = 1.0 / 8;

    [[nodiscard]] double price(const Part&) const;
    [[nodiscard]] double price_of_token() const { return 1 / worth_.back(); } // in a full batch
    [[nodiscard]] double full_price() const { return static_cast<double>(batch_tokens_) * price_of_token(); }
    void set_batch_tokens(std::uint64_t);
    FairQueue& queue(ipc::Priority);
    [[nodiscard]] Backlog backlog(const Part&) const;
    [[nodiscard]] std::optional<ipc::Error> refusal(const QueuedJob&, std::uint64_t tokens,
                                                    Clock::time_point now, std::uint64_t lanes) const;
    [[nodiscard]] double before(const QueuedJob&, std::uint64_t tokens) const;
    void kept_deadline();
    void missed_deadline();
    void waits(const Part&);
    Part leaves(const Part&);
    void settle(const Batch&, bool cut);
    void add(Batch&, const Part&);
    [[nodiscard]] std::optional<ipc::Priority> next_priority(Backlog held, double of_batch);
    void fit_to_rung(Batch&, Backlog held);
    void take_out_of_turn(Batch&, const Part&);
    std::optional<Batch> next_retry(std::deque<Batch>&);

    std::uint64_t capacity_tokens_;
    std::uint64_t batch_tokens_ = 512;
    CostModel cost_;
    Pace pace_;
    std::map<JobId, Entry> jobs_; // ascending by age
    std::uint64_t waiting_tokens_ = 0, waiting_jobs_ = 0;
    std::set<std::pair<Clock::time_point, JobId>> deadlines_;
    FairQueue interactive_, batch_;
    double owed_to_batch_ = 0; // device time
    double room_left_ = 0;     // device time, beyond what may be left
    double caution_ = 2;       // how often what waits is counted at admission
    std::deque<Batch> retries_, suspects_;
    std::vector<double> worth_; // by tokens of a batch: tokens an µs of device time
};

} // namespace embedd::daemon
