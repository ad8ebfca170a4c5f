#pragma once

#include "daemon/engine.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <vector>

namespace embedd::daemon {

// One input of a job: what is scheduled.
struct Part {
    JobId job = 0;
    std::uint32_t input = 0;
    std::uint32_t tokens = 0;

    friend bool operator==(const Part&, const Part&) = default;
};

// Deficit round robin in two levels, first over uids, then over the connections of one uid, charged with a
// price the caller names. Each turn earns a quantum; a part is taken when its price is earned.
//
// Parts of a job that is gone stay until they are seen or outnumber the others: forgetting is cheap.
class FairQueue {
public:
    using Price = std::function<double(const Part&)>;
    using Gone = std::function<bool(JobId)>;

    FairQueue(Price price, Gone gone) : price_(std::move(price)), gone_(std::move(gone)) {}

    void set_quantum(double quantum) { quantum_ = quantum; }

    void push_back(Owner, const Part&);
    void push_front(Owner,
                    const Part&); // what was taken and did not run: it is first again, its price given back
    void forget(Owner, std::size_t parts); // so many parts of this owner are of jobs that are gone

    // Whose turn it is; nothing when empty. The same until something is taken or pushed to the front.
    [[nodiscard]] const Part* front();
    Part take_front();

    // Up to `most` parts in about the order they would be served in, a few of each connection.
    [[nodiscard]] std::vector<Part> upcoming(std::size_t most) const;
    bool take(Owner, const Part&); // out of turn, charged all the same

private:
    struct Connection {
        std::uint64_t id = 0;
        double deficit = 0;
        std::deque<Part> parts;
        std::size_t gone = 0;
    };
    struct Uid {
        uid_t id = 0;
        double deficit = 0;
        std::list<Connection> connections; // the first is whose turn it is
        std::map<std::uint64_t, std::list<Connection>::iterator> by_id;
    };
    using UidTurn = std::list<Uid>::iterator;
    using ConnectionTurn = std::list<Connection>::iterator;

    Connection& connection(Owner);
    void drop_gone(Connection&);
    void remove(UidTurn, ConnectionTurn);
    void turn_connection(Uid&);

    Price price_;
    Gone gone_;
    double quantum_ = 1000;
    std::list<Uid> uids_; // the first is whose turn it is
    std::map<uid_t, UidTurn> by_uid_;
};

} // namespace embedd::daemon
