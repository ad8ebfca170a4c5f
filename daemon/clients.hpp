#pragma once

#include "ipc/peer.hpp"
#include "ipc/status.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace embedd::daemon {

// One row of the operator's list: everybody of one process who calls himself by one name.
struct ClientRow {
    pid_t pid = 0;
    uid_t uid = 0;
    std::string name; // as it says itself: display only
    std::optional<std::string> command;
    std::uint64_t connections = 0, inflight = 0, requests = 0, tokens = 0, rejected = 0;
};

// Who is connected. A row lives as long as someone holds it. Event loop's thread only.
class Clients {
public:
    [[nodiscard]] std::shared_ptr<ClientRow> row(const ipc::Peer&, const std::string& name);

    // All rows, or those of one uid.
    [[nodiscard]] std::vector<ipc::ClientStatus> list(std::optional<uid_t> only) const;
    // One sum of all rows but those of one uid.
    [[nodiscard]] ipc::OtherClients others(uid_t than) const;

private:
    using Key = std::tuple<uid_t, pid_t, std::string>;
    std::map<Key, std::weak_ptr<ClientRow>> rows_;
};

} // namespace embedd::daemon
