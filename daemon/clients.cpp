#include "daemon/clients.hpp"

namespace embedd::daemon {

std::shared_ptr<ClientRow> Clients::row(const ipc::Peer& peer, const std::string& name)
{
    auto& known = rows_[Key{peer.uid, peer.pid, name}];
    if (auto row = known.lock())
        return row;
    std::erase_if(rows_, [](const auto& entry) { return entry.second.expired(); });
    auto row = std::make_shared<ClientRow>();
    row->pid = peer.pid;
    row->uid = peer.uid;
    row->name = name;
    row->command = peer.pid > 0 ? ipc::command_of(peer.pid) : std::nullopt;
    rows_[Key{peer.uid, peer.pid, name}] = row;
    return row;
}

std::vector<ipc::ClientStatus> Clients::list(std::optional<uid_t> only) const
{
    std::vector<ipc::ClientStatus> all;
    for (const auto& [key, known] : rows_) {
        const auto row = known.lock();
        if (!row || row->connections == 0 || (only && row->uid != *only))
            continue;
        auto& client = all.emplace_back();
        if (row->pid > 0)
            client.pid = row->pid;
        client.uid = row->uid;
        client.command = row->command;
        client.client = row->name;
        client.connections = row->connections;
        client.inflight = row->inflight;
        client.requests = row->requests;
        client.tokens = row->tokens;
        client.rejected = row->rejected;
    }
    return all;
}

ipc::OtherClients Clients::others(uid_t than) const
{
    ipc::OtherClients sum;
    for (const auto& [key, known] : rows_) {
        const auto row = known.lock();
        if (!row || row->uid == than)
            continue;
        sum.connections += row->connections;
        sum.inflight += row->inflight;
        sum.requests += row->requests;
        sum.tokens += row->tokens;
        sum.rejected += row->rejected;
    }
    return sum;
}

} // namespace embedd::daemon
