#pragma once

#include "daemon/backlogs.hpp"
#include "daemon/engine.hpp"
#include "daemon/rotation.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace embedd::daemon {

// One input of a job: what is scheduled.
struct Part {
    JobId job = 0;
    std::uint32_t input = 0;
    std::uint32_t tokens = 0;

    friend bool operator==(const Part&, const Part&) = default;
};

// Owners take turns (Rotation) in two levels, first uids, then the connections of one uid, charged with a
// price the caller names. What an owner sends after a rest goes first for half a batch, then it takes turns
// of a sixteenth: deficit round robin with the new flows of FQ-CoDel (RFC 8290) at each level.
//
// Parts of a job that is gone stay until they are seen or outnumber the others: forgetting is cheap.
class FairQueue {
public:
    using Price = std::function<double(const Part&)>;
    using Gone = std::function<bool(JobId)>;

    FairQueue(Price price, Gone gone) : price_(std::move(price)), gone_(std::move(gone)) {}

    void set_batch(std::uint64_t tokens, double price); // a full one: what turns are measured in

    void push_back(Owner, const Part&);
    void push_front(Owner, const Part&); // what was taken and did not run: it is its owner's first again, its
                                         // price given back
    void forget(Owner, std::size_t parts, std::uint64_t tokens); // of jobs that are gone

    // Whose turn it is; nothing when empty. The same until something is taken, pushed or forgotten.
    [[nodiscard]] const Part* front();
    Part take_front();

    // Up to `most` parts in about the order they would be served in, a few of each connection.
    [[nodiscard]] std::vector<Part> upcoming(std::size_t most) const;
    bool take(Owner, const Part&);    // out of turn, charged all the same
    void charge(Owner, double price); // besides what was taken

    [[nodiscard]] bool empty() const { return tokens_ == 0; }
    [[nodiscard]] std::uint64_t tokens() const { return tokens_; }
    [[nodiscard]] std::uint64_t tokens_of(uid_t) const;
    [[nodiscard]] std::uint64_t tokens_of(Owner) const;
    // What is served to others before so many more tokens of this owner, of what waits now.
    [[nodiscard]] std::uint64_t tokens_before(Owner, std::uint64_t more) const;
    // Of all that is served, what is left of late by those who come and go first.
    [[nodiscard]] double share_left(Owner, std::uint64_t more) const;

private:
    struct Connection : Turn {
        std::uint64_t id = 0;
        std::deque<Part> parts;
        std::size_t gone = 0;     // of the parts
        std::uint64_t tokens = 0; // of the others
    };
    struct Uid : Turn {
        uid_t id = 0;
        std::uint64_t tokens = 0;
        Rotation<Connection> connections;
        Backlogs backlogs; // of the connections
    };
    struct Place {
        Rotation<Uid>::Place uid;
        Rotation<Connection>::Place connection;
    };

    Place join(Owner);
    [[nodiscard]] std::optional<Place> find(Owner) const;
    void set_tokens(const Place&, std::uint64_t tokens);
    void charge(const Place&, double price);
    void drop_gone(Connection&);

    Price price_;
    Gone gone_;
    TurnTerms terms_;
    double price_of_token_ = 1;
    std::uint64_t tokens_ = 0;
    Rotation<Uid> uids_;
    Backlogs backlogs_; // of the uids
};

} // namespace embedd::daemon
