#pragma once

#include "daemon/engine.hpp"
#include "daemon/inputs.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace embedd::daemon {

// A model that serves, with the engine that computes it. A request holds it from when it is tokenised to its
// answer, so that all of the answer is one model's.
struct Generation {
    std::uint64_t number = 0;
    ServedModel model;
    Engine& engine;
};

// The models in memory: the one that serves, one that is being loaded beside it, and those that served before
// and whose requests are still under way. An engine ends when no request holds its generation any more. Event
// loop's thread only.
class Generations {
public:
    Generations(boost::asio::any_io_executor, Log&);
    ~Generations();
    Generations(const Generations&) = delete;
    Generations& operator=(const Generations&) = delete;

    // A new engine, not started yet. The first one ever is the current one from here on, the others once they
    // serve. `options` and `events` are completed here.
    Engine& begin(EngineOptions options, EngineEvents events);

    // The newest is what requests are bound to from here on; what was before it ends with its requests.
    [[nodiscard]] std::shared_ptr<const Generation> serve(ServedModel);
    void give_up_newest(); // unless it serves
    // No request comes any more: the current one's workers end with those under way, then `ended` is called.
    void end_current(std::function<void()> ended);

    [[nodiscard]] Engine& current() { return *slot(current_).engine; }
    [[nodiscard]] const Engine& current() const { return *slot(current_).engine; }
    [[nodiscard]] std::uint64_t current_number() const noexcept { return current_; }

    // Over all of them; counters also of those that are gone.
    [[nodiscard]] std::vector<ipc::ReplicaStatus> replicas(Clock::time_point now) const;
    [[nodiscard]] std::vector<ipc::DeviceStatus> devices(Clock::time_point now) const;
    [[nodiscard]] ipc::QueueStatus queue(Clock::time_point now) const;
    [[nodiscard]] EngineCounters counters() const;
    [[nodiscard]] bool overdue() const;
    void stop();

private:
    struct Slot {
        std::uint64_t number = 0;
        std::unique_ptr<Engine> engine;
        std::weak_ptr<const Generation> held;
        bool leaves = false, stopped = false, ended = false;
        std::function<void()> on_ended;
    };

    [[nodiscard]] Slot& slot(std::uint64_t number);
    [[nodiscard]] const Slot& slot(std::uint64_t number) const;
    void leave(Slot&);
    void sweep(); // stops what leaves and is held by nobody
    void ended(std::uint64_t number);

    boost::asio::any_io_executor executor_;
    Log& log_;
    std::shared_ptr<HostLoad> host_ = std::make_shared<HostLoad>();
    std::list<Slot> slots_; // oldest first
    std::uint64_t current_ = 0, last_ = 0;
    EngineCounters past_;                                                    // of engines that are gone
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true); // requests may outlive us
};

} // namespace embedd::daemon
