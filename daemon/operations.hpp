#pragma once

#include "daemon/byte_budget.hpp"
#include "daemon/engine.hpp"
#include "daemon/gate.hpp"
#include "daemon/generations.hpp"
#include "daemon/inputs.hpp"
#include "daemon/metrics.hpp"
#include "daemon/options.hpp"
#include "daemon/text_pool.hpp"
#include "ipc/frame.hpp"
#include "ipc/request.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace embedd::daemon {

// Who asks, as the kernel said and as we decided.
struct Caller {
    Owner owner;
    bool admin = false;
    std::string name;         // "pid 4711 (uid 0)", for the log
    bool own_process = false; // one of our own connections: warmup.verify
};

// One request under way.
class Call {
public:
    virtual ~Call() = default;

    // The client left or cancelled, once: it is not answered, and costs nothing more where that can still be
    // had.
    virtual void abandon() = 0;
};

class Administration;
class ComputedCall;
class ProgressCall;
class SampleHistory;
class Subscriptions;
class WarmUpHistory;

struct CallOutcome {
    ipc::Frame frame;
    std::uint64_t tokens = 0;
    bool refused = false;
    bool more = false;                   // other answers to the same request follow
    ByteBudget::Reservation memory = {}; // for the frame's bytes, until the last of them was written
};

// What clients may ask for, from the parsed request to the answer's frame. Event loop's thread only.
class Operations {
public:
    // False: one that others follow was left out, because the client does not read.
    using Answer = std::function<bool(CallOutcome)>;
    using Report = std::function<ipc::Status(const Caller&)>;
    using HealthTold = std::function<void(const ipc::HealthReply&)>;
    using Health = std::function<void(HealthTold)>; // may tell later: serving is proven first
    using Wanted = std::function<void()>;           // work came that has to wait for the service to start

    struct Parts {
        boost::asio::any_io_executor executor;
        const Options& options;
        ByteBudget& memory;
        TextPool& pool;
        Metrics& metrics;
        Administration& administration;
        const WarmUpHistory& history;
        const SampleHistory& samples;
        std::string rehearsal_token; // the client name that lets our own requests pass before READY
        Report report;
        Health health;
        Wanted wanted;
    };
    explicit Operations(Parts);
    ~Operations();
    Operations(const Operations&) = delete;
    Operations& operator=(const Operations&) = delete;

    // Answers once, after those with `more`, unless the call is abandoned; perhaps before it returns. A
    // subscription has no last answer, and is never among what is under way.
    // `request_bytes`: of the request as it came, which it holds of the clients' memory.
    [[nodiscard]] std::shared_ptr<Call> begin(const Caller&, ipc::Request, std::size_t request_bytes, Answer);

    [[nodiscard]] ByteBudget& memory() const noexcept { return parts_.memory; }
    [[nodiscard]] TextPool& pool() const noexcept { return parts_.pool; }
    void refused(ipc::ErrorType type) { parts_.metrics.refused(type); } // before it was a request at all

    // What requests are bound to from here on; before the gate opens only our own are.
    void serve(std::shared_ptr<const Generation>);
    void open();
    void close(); // requests wait; none holds a model once those under way are answered
    void drain(); // what comes is refused until resume; warm-up's own requests go on
    void resume();
    void stop(); // as drain, for good

    [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
    [[nodiscard]] bool is_rehearsal(const Caller&, const ipc::Request&) const;

private:
    friend class ComputedCall;

    void arm();
    void arm_subscriptions();
    [[nodiscard]] ipc::Result<ipc::InfoReply> info() const;

    Parts parts_;
    Gate gate_;
    std::unique_ptr<Subscriptions> subscriptions_;
    boost::asio::steady_timer expiry_, next_told_;
    std::shared_ptr<const Generation> served_;
    bool stopping_ = false;
    std::size_t under_way_ = 0;
};

} // namespace embedd::daemon
