#include "daemon/clients.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

std::shared_ptr<ClientRow> connected(Clients& clients, uid_t uid, const std::string& name)
{
    auto row = clients.row({.pid = 0, .uid = uid, .gid = 0, .groups = {}}, name);
    row->connections = 1;
    row->inflight = 2;
    row->requests = 3;
    row->tokens = 4;
    row->rejected = 5;
    return row;
}

TEST(Clients, ShowOneUidsRowsAndOneSumOfAllOthers)
{
    Clients clients;
    const auto mine = connected(clients, 1000, "mine");
    const auto hers = connected(clients, 1001, "hers"), roots = connected(clients, 0, "roots");

    const auto rows = clients.list(1000);

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].client, "mine");
    EXPECT_EQ(clients.others(1000), (ipc::OtherClients{2, 4, 6, 8, 10}));
    EXPECT_EQ(clients.list(std::nullopt).size(), 3U);
}

TEST(Clients, WhoLeftIsInNoSum)
{
    Clients clients;
    connected(clients, 1001, "gone");

    EXPECT_EQ(clients.others(1000), ipc::OtherClients{});
}

} // namespace
} // namespace embedd::daemon
