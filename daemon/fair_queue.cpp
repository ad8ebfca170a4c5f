#include "daemon/fair_queue.hpp"

#include <algorithm>

namespace embedd::daemon {

namespace {

// Short turns: equal owners are equal over a few batches already.
constexpr double turns_a_batch = 16;

// What comes after a rest and is no more than this is in the next batch as a whole, with another as large.
constexpr double allowances_a_batch = 2;

// So few of one connection are looked at out of turn: the others' parts fill as well.
constexpr std::size_t looked_at_per_connection = 16;

// Fewer parts of gone jobs are not worth a walk.
constexpr std::size_t gone_worth_a_walk = 64;

} // namespace

void FairQueue::set_batch(std::uint64_t tokens, double price)
{
    price_of_token_ = price / static_cast<double>(tokens);
    terms_ = {.quantum = price / turns_a_batch, .allowance = price / allowances_a_batch, .lead = price};
}

FairQueue::Place FairQueue::join(Owner owner)
{
    const auto uid = uids_.join(owner.uid, terms_);
    return {uid, uid->connections.join(owner.connection, terms_)};
}

std::optional<FairQueue::Place> FairQueue::find(Owner owner) const
{
    const auto uid = uids_.find(owner.uid);
    if (!uid)
        return std::nullopt;
    const auto connection = (*uid)->connections.find(owner.connection);
    if (!connection)
        return std::nullopt;
    return Place{*uid, *connection};
}

// Both levels and all sums agree on who waits.
void FairQueue::set_tokens(const Place& place, std::uint64_t tokens)
{
    const auto& [uid, connection] = place;
    const auto of_uid = uid->tokens + tokens - connection->tokens;
    uid->backlogs.change(connection->tokens, tokens);
    backlogs_.change(uid->tokens, of_uid);
    tokens_ = tokens_ + tokens - connection->tokens;
    connection->tokens = tokens;
    uid->tokens = of_uid;
    if (tokens > 0) {
        uid->connections.wake(connection);
        uids_.wake(uid);
    } else {
        connection->parts.clear();
        connection->gone = 0;
        uid->connections.rest(connection);
        if (of_uid == 0)
            uids_.rest(uid);
    }
    if (!uid->connections.fresh().empty())
        uids_.hasten(uid, terms_);
}

void FairQueue::charge(const Place& place, double price)
{
    place.uid->connections.charge(place.connection, price, terms_);
    uids_.charge(place.uid, price, terms_);
}

void FairQueue::push_back(Owner owner, const Part& part)
{
    const auto place = join(owner);
    place.connection->parts.push_back(part);
    set_tokens(place, place.connection->tokens + part.tokens);
}

void FairQueue::push_front(Owner owner, const Part& part)
{
    const auto place = join(owner);
    const double price = price_(part);
    place.uid->connections.refund(place.connection, price);
    uids_.refund(place.uid, price);
    place.connection->parts.push_front(part);
    set_tokens(place, place.connection->tokens + part.tokens);
}

void FairQueue::forget(Owner owner, std::size_t parts, std::uint64_t tokens)
{
    const auto place = find(owner);
    if (!place || parts == 0)
        return;
    auto& connection = *place->connection;
    connection.gone += parts;
    set_tokens(*place, connection.tokens - tokens);
    if (connection.gone < gone_worth_a_walk || connection.gone * 2 < connection.parts.size())
        return;
    std::erase_if(connection.parts, [this](const Part& part) { return gone_(part.job); });
    connection.gone = 0;
}

void FairQueue::drop_gone(Connection& connection)
{
    while (connection.gone > 0 && gone_(connection.parts.front().job)) {
        connection.parts.pop_front();
        --connection.gone;
    }
}

const Part* FairQueue::front()
{
    const auto uid = uids_.front(terms_);
    if (!uid)
        return nullptr;
    auto& connection = **(*uid)->connections.front(terms_);
    drop_gone(connection);
    return &connection.parts.front();
}

Part FairQueue::take_front()
{
    const auto uid = *uids_.front(terms_);
    const auto connection = *uid->connections.front(terms_);
    const Part part = connection->parts.front();
    connection->parts.pop_front();
    charge({uid, connection}, price_(part));
    set_tokens({uid, connection}, connection->tokens - part.tokens);
    return part;
}

std::vector<Part> FairQueue::upcoming(std::size_t most) const
{
    std::vector<Part> parts;
    const auto look_at = [&](const Connection& connection) {
        const auto looked_at = std::min(connection.parts.size(), looked_at_per_connection);
        for (std::size_t i = 0; i < looked_at && parts.size() < most; ++i) {
            if (connection.gone == 0 || !gone_(connection.parts[i].job))
                parts.push_back(connection.parts[i]);
        }
        return parts.size() < most;
    };
    for (const auto* uids : {&uids_.fresh(), &uids_.in_rotation()}) {
        for (const auto& uid : *uids) {
            if (!std::ranges::all_of(uid.connections.fresh(), look_at) ||
                !std::ranges::all_of(uid.connections.in_rotation(), look_at))
                return parts;
        }
    }
    return parts;
}

bool FairQueue::take(Owner owner, const Part& part)
{
    const auto place = find(owner);
    if (!place)
        return false;
    auto& parts = place->connection->parts;
    const auto at = std::ranges::find(parts, part);
    if (at == parts.end())
        return false;
    parts.erase(at);
    charge(*place, price_(part));
    set_tokens(*place, place->connection->tokens - part.tokens);
    return true;
}

void FairQueue::charge(Owner owner, double price)
{
    if (const auto place = find(owner))
        charge(*place, price);
}

std::uint64_t FairQueue::tokens_of(uid_t uid) const
{
    const auto found = uids_.find(uid);
    return found ? (*found)->tokens : 0;
}

std::uint64_t FairQueue::tokens_of(Owner owner) const
{
    const auto place = find(owner);
    return place ? place->connection->tokens : 0;
}

std::uint64_t FairQueue::tokens_before(Owner owner, std::uint64_t more) const
{
    const auto waiting = tokens_of(owner);
    const auto mine = waiting + more;
    auto of_uid = mine;
    if (const auto uid = uids_.find(owner.uid))
        of_uid += (*uid)->backlogs.served_beside(mine) - waiting;
    return of_uid + backlogs_.served_beside(of_uid) - std::min(tokens_of(owner.uid), of_uid) - more;
}

double FairQueue::share_left(Owner owner, std::uint64_t more) const
{
    const auto price_of = [&](std::uint64_t tokens) { return price_of_token_ * static_cast<double>(tokens); };
    const double of_uid = uids_.share_left(owner.uid, price_of(tokens_of(owner.uid) + more), terms_);
    const auto uid = uids_.find(owner.uid);
    return uid ? of_uid * (*uid)->connections.share_left(owner.connection, price_of(tokens_of(owner) + more),
                                                         terms_)
               : of_uid;
}

} // namespace embedd::daemon
