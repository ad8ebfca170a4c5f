#include "ipc/peer.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace embedd::ipc {
namespace {

TEST(Peer, IsWhoConnectedAsTheKernelSaysIt)
{
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);

    const auto peer = peer_of(pair[0]);

    ASSERT_TRUE(peer);
    EXPECT_EQ(peer->pid, ::getpid());
    EXPECT_EQ(peer->uid, ::geteuid());
    EXPECT_TRUE(std::binary_search(peer->groups.begin(), peer->groups.end(), ::getegid()));
    ::close(pair[0]);
    ::close(pair[1]);
}

TEST(Peer, OfAnythingElseIsNobody)
{
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);

    EXPECT_FALSE(peer_of(pipe[0]));
    EXPECT_FALSE(peer_of(-1));
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST(Peer, CommandIsTheProcessName)
{
    EXPECT_EQ(command_of(::getpid()), "ipc_test");
    EXPECT_EQ(command_of(0), std::nullopt);
    EXPECT_EQ(command_of(-7), std::nullopt);
}

} // namespace
} // namespace embedd::ipc
