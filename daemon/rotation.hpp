#pragma once

#include <algorithm>
#include <list>
#include <map>
#include <optional>

namespace embedd::daemon {

// In the unit of prices.
struct TurnTerms {
    double quantum = 1000;   // what a turn earns
    double allowance = 8000; // what a newcomer may spend before it takes turns as the others do
    double lead = 16000;     // how far newcomers get ahead of those whose turn it is
};

// Whoever takes turns.
struct Turn {
    double credit = 0; // may be overdrawn by the last thing taken
    bool waits = false;
    bool fresh = false;
    bool hasty = false;
};

// Deficit round robin (Shreedhar and Varghese, 1995) with the two lists of RFC 8290, section 4.2: members
// that come after a rest are served first, the others in rotation.
//
// Each has a credit, in the caller's prices. A newcomer's is its allowance; once it is spent the member takes
// turns, each of which earns a quantum, and is served while it has credit left. What it takes last may
// overdraw it: the debt is paid before it is served again, also when it rested meanwhile. A member that ran
// empty rests in the rotation and earns until its allowance is whole again, so that coming back often buys
// nothing: what it has left is all it may spend ahead of others. A flood of newcomers that are never seen
// again could still starve the rotation. So they get ahead of it by the lead at most; beyond that the
// rotation has at least half of what it would have if nobody went first.
template <class Member> // a Turn with an `id`
class Rotation {
public:
    using Place = typename std::list<Member>::iterator;
    using Id = decltype(Member::id);

    // The member of that id; a new one is at rest.
    Place join(Id id, const TurnTerms& terms)
    {
        const auto [known, added] = by_id_.try_emplace(id);
        if (added) {
            known->second = rotation_.emplace(rotation_.end());
            known->second->id = id;
            known->second->credit = terms.allowance;
        }
        return known->second;
    }

    [[nodiscard]] std::optional<Place> find(Id id) const
    {
        const auto known = by_id_.find(id);
        return known == by_id_.end() ? std::nullopt : std::optional(known->second);
    }

    void wake(Place member)
    {
        if (member->waits)
            return;
        member->waits = true;
        member->fresh = member->credit > 0;
        if (member->fresh)
            fresh_.splice(fresh_.end(), rotation_, member);
        else
            ++in_turn_;
    }

    void rest(Place member)
    {
        if (!member->waits)
            return;
        if (member->fresh)
            to_rotation(member);
        if (member->hasty)
            calm(member);
        member->waits = false;
        --in_turn_;
        if (in_turn_ == 0 && rotation_.size() > most_at_rest)
            forget_first();
    }

    // It has something that should not wait for its turn: it goes right after the newcomers, once, if it is
    // not overdrawn by the lead, and keeps its place in the rotation.
    void hasten(Place member, const TurnTerms& terms)
    {
        if (!member->waits || member->fresh || member->hasty || member->credit <= -terms.lead)
            return;
        member->hasty = true;
        hasty_.push_back(member);
    }

    void charge(Place member, double price, const TurnTerms& terms)
    {
        member->credit -= price;
        if (!member->waits)
            return;
        if (in_turn_ > 0) {
            const double weight = std::min(1.0, price / (lately * terms.lead));
            to_newcomers_ += weight * ((member->fresh ? 1 : 0) - to_newcomers_);
        }
        if (member->hasty) {
            calm(member);
            ahead_ += price;
            return;
        }
        if (!member->fresh) {
            const auto all = static_cast<double>(fresh_.size() + in_turn_);
            ahead_ =
                std::max(0.0, ahead_ - price * all / static_cast<double>(std::max<std::size_t>(in_turn_, 1)));
            return;
        }
        ahead_ = in_turn_ == 0 ? 0 : ahead_ + price;
        if (member->credit <= 0)
            to_rotation(member);
    }

    // What was charged was not served: it is the next of its kind.
    void refund(Place member, double price)
    {
        member->credit += price;
        auto& list = member->fresh ? fresh_ : rotation_;
        list.splice(list.begin(), list, member);
    }

    // The same until something changes. Nobody waits: all debts are forgotten.
    [[nodiscard]] std::optional<Place> front(const TurnTerms& terms)
    {
        if (!fresh_.empty() && (in_turn_ == 0 || ahead_ < terms.lead))
            return fresh_.begin();
        if (!hasty_.empty() && ahead_ < terms.lead)
            return hasty_.front();
        if (in_turn_ == 0) {
            rotation_.clear();
            by_id_.clear();
            to_newcomers_ = 0;
            return std::nullopt;
        }
        while (true) {
            const auto member = rotation_.begin();
            if (member->waits && member->credit > 0)
                return member;
            member->credit += terms.quantum;
            if (!member->waits && member->credit >= terms.allowance)
                forget_first();
            else
                rotation_.splice(rotation_.end(), rotation_, member);
        }
    }

    // Of what is served, what is left for such an amount of a member: all for a newcomer that may spend so
    // much ahead of others, for those who take turns what newcomers left of late.
    [[nodiscard]] double share_left(Id id, double price, const TurnTerms& terms) const
    {
        const auto known = by_id_.find(id);
        const bool first = known == by_id_.end() ? price <= terms.allowance
                                                 : (known->second->fresh || !known->second->waits) &&
                                                       price <= known->second->credit;
        const auto turns = static_cast<double>(in_turn_ + 1);
        return first ? 1
                     : std::max(1 - to_newcomers_, turns / (2 * turns + static_cast<double>(fresh_.size())));
    }

    // In about the order they would be served in, those at rest included.
    [[nodiscard]] const std::list<Member>& fresh() const { return fresh_; }
    [[nodiscard]] const std::list<Member>& in_rotation() const { return rotation_; }

private:
    // Where newcomers are all there is nobody turns, and those at rest would pile up.
    static constexpr std::size_t most_at_rest = 1024;

    static constexpr double lately = 16; // times the lead

    void to_rotation(Place member)
    {
        member->fresh = false;
        rotation_.splice(rotation_.end(), fresh_, member);
        ++in_turn_;
    }

    void calm(Place member)
    {
        member->hasty = false;
        hasty_.erase(std::ranges::find(hasty_, member));
    }

    void forget_first()
    {
        by_id_.erase(rotation_.front().id);
        rotation_.pop_front();
    }

    std::list<Member> fresh_;    // wait, with credit
    std::list<Member> rotation_; // wait for their turn, or rest
    std::list<Place> hasty_;     // of the rotation
    std::size_t in_turn_ = 0;    // of the rotation, wait
    double to_newcomers_ = 0;    // of what was served while some took turns, lately, from 0 to 1
    double ahead_ = 0;           // what those who go first were served while others waited for their turn
    std::map<Id, Place> by_id_;
};

} // namespace embedd::daemon
