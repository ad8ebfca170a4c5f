#include "daemon/fair_queue.hpp"

#include <algorithm>

namespace embedd::daemon {

namespace {

// So few of one connection are looked at out of turn: the others' parts fill as well.
constexpr std::size_t looked_at_per_connection = 16;

// Fewer parts of gone jobs are not worth a walk.
constexpr std::size_t gone_worth_a_walk = 64;

} // namespace

FairQueue::Connection& FairQueue::connection(Owner owner)
{
    auto [uid, new_uid] = by_uid_.try_emplace(owner.uid);
    if (new_uid)
        uid->second = uids_.insert(uids_.end(), Uid{.id = owner.uid});
    auto& of_uid = *uid->second;
    auto [found, new_connection] = of_uid.by_id.try_emplace(owner.connection);
    if (new_connection)
        found->second =
            of_uid.connections.insert(of_uid.connections.end(), Connection{.id = owner.connection});
    return *found->second;
}

void FairQueue::push_back(Owner owner, const Part& part)
{
    connection(owner).parts.push_back(part);
}

void FairQueue::push_front(Owner owner, const Part& part)
{
    auto& receiver = connection(owner);
    const double price = price_(part);
    receiver.parts.push_front(part);
    receiver.deficit += price;
    const auto uid = by_uid_.at(owner.uid);
    uid->deficit += price;
    uid->connections.splice(uid->connections.begin(), uid->connections, uid->by_id.at(owner.connection));
    uids_.splice(uids_.begin(), uids_, uid);
}

void FairQueue::forget(Owner owner, std::size_t parts)
{
    const auto uid = by_uid_.find(owner.uid);
    if (uid == by_uid_.end())
        return;
    const auto found = uid->second->by_id.find(owner.connection);
    if (found == uid->second->by_id.end())
        return;
    auto& connection = *found->second;
    connection.gone += parts;
    if (connection.gone < gone_worth_a_walk || connection.gone * 2 < connection.parts.size())
        return;
    std::erase_if(connection.parts, [this](const Part& part) { return gone_(part.job); });
    connection.gone = 0;
    if (connection.parts.empty())
        remove(uid->second, found->second);
}

void FairQueue::drop_gone(Connection& connection)
{
    while (!connection.parts.empty() && gone_(connection.parts.front().job)) {
        connection.parts.pop_front();
        connection.gone -= std::min<std::size_t>(connection.gone, 1);
    }
}

void FairQueue::remove(UidTurn uid, ConnectionTurn connection)
{
    uid->by_id.erase(connection->id);
    uid->connections.erase(connection);
    if (!uid->connections.empty())
        return;
    by_uid_.erase(uid->id);
    uids_.erase(uid);
}

// Leaves the uid's first connection one that has earned its first part.
void FairQueue::turn_connection(Uid& uid)
{
    while (true) {
        auto& connection = uid.connections.front();
        if (connection.deficit >= price_(connection.parts.front()))
            return;
        connection.deficit += quantum_;
        uid.connections.splice(uid.connections.end(), uid.connections, uid.connections.begin());
        while (true) {
            const auto next = uid.connections.begin();
            drop_gone(*next);
            if (!next->parts.empty())
                break;
            uid.by_id.erase(next->id);
            uid.connections.erase(next);
        }
    }
}

const Part* FairQueue::front()
{
    while (!uids_.empty()) {
        const auto uid = uids_.begin();
        const auto connection = uid->connections.begin();
        drop_gone(*connection);
        if (connection->parts.empty()) {
            remove(uid, connection);
            continue;
        }
        turn_connection(*uid);
        const auto& part = uid->connections.front().parts.front();
        if (uid->deficit >= price_(part))
            return &part;
        uid->deficit += quantum_;
        uids_.splice(uids_.end(), uids_, uid);
    }
    return nullptr;
}

Part FairQueue::take_front()
{
    const auto uid = uids_.begin();
    const auto connection = uid->connections.begin();
    const Part part = connection->parts.front();
    const double price = price_(part);
    connection->parts.pop_front();
    connection->deficit -= price;
    uid->deficit -= price;
    if (connection->parts.empty())
        remove(uid, connection);
    return part;
}

std::vector<Part> FairQueue::upcoming(std::size_t most) const
{
    std::vector<Part> parts;
    for (const auto& uid : uids_) {
        for (const auto& connection : uid.connections) {
            const auto looked_at = std::min(connection.parts.size(), looked_at_per_connection);
            for (std::size_t i = 0; i < looked_at; ++i) {
                if (parts.size() == most)
                    return parts;
                if (!gone_(connection.parts[i].job))
                    parts.push_back(connection.parts[i]);
            }
        }
    }
    return parts;
}

bool FairQueue::take(Owner owner, const Part& part)
{
    const auto uid = by_uid_.find(owner.uid);
    if (uid == by_uid_.end())
        return false;
    const auto found = uid->second->by_id.find(owner.connection);
    if (found == uid->second->by_id.end())
        return false;
    auto& parts = found->second->parts;
    const auto at = std::ranges::find(parts, part);
    if (at == parts.end())
        return false;
    const double price = price_(part);
    parts.erase(at);
    found->second->deficit -= price;
    uid->second->deficit -= price;
    if (parts.empty())
        remove(uid->second, found->second);
    return true;
}

} // namespace embedd::daemon
