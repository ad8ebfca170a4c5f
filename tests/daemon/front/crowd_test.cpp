#include "tests/daemon/front/raw_client.hpp"
#include "tests/daemon/front/watched_daemon.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <memory>

namespace embedd::daemon {
namespace {

using Clients = std::vector<std::unique_ptr<RawClient>>;

constexpr std::size_t crowd = 5000;

// Of this process: a connection costs one here and one in the daemon.
bool may_open_so_many()
{
    constexpr rlim_t needed = crowd + 1100;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max >= needed && ::setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return true;
    std::cout << "left out: needs a hard limit of " << needed << " open files (ulimit -Hn), here it is "
              << limit.rlim_max << "\n";
    return false;
}

Clients connected(const DaemonProcess& daemon)
{
    Clients clients;
    for (std::size_t at = 0; at < crowd; ++at)
        clients.push_back(std::make_unique<RawClient>(daemon.socket()));
    return clients;
}

std::size_t answered(Clients& clients)
{
    for (const auto& client : clients)
        client->send_frame(request_of(1));
    std::size_t good = 0;
    for (const auto& client : clients) {
        const auto answer = client->answer();
        good += answer && answer->at("ok") == true ? 1 : 0;
    }
    return good;
}

TEST(Crowd, FiveThousandConnectionsAreServedAndLeaveNothing)
{
    if (!may_open_so_many())
        return;
    WatchedDaemon daemon({.arguments = {"--max-clients", "6000"}});
    {
        auto clients = connected(daemon);
        EXPECT_EQ(answered(clients), crowd);
        EXPECT_EQ(daemon.connections(), crowd);
    }
    EXPECT_TRUE(daemon.comes_to_rest());
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // their allocators keep what was freed
TEST(Crowd, FiveThousandConnectionsAgainAndAgainNeedNoMoreMemoryThanOnce)
{
    if (!may_open_so_many())
        return;
    WatchedDaemon daemon({.arguments = {"--max-clients", "6000"}});
    const auto come_and_go = [&] {
        auto clients = connected(daemon);
        EXPECT_EQ(answered(clients), crowd);
        return daemon.resident_bytes();
    };
    const auto once = come_and_go();
    for (int again = 0; again < 5; ++again) {
        EXPECT_TRUE(daemon.comes_to_rest());
        come_and_go();
    }
    EXPECT_TRUE(daemon.comes_to_rest());

    // The C library keeps some of what was freed: 16 MiB more is less than 700 bytes a connection.
    EXPECT_LE(daemon.resident_bytes(), once + (16U << 20));
}
#endif

TEST(Crowd, FiveThousandConnectionsDoNotHoldUpAStop)
{
    if (!may_open_so_many())
        return;
    DaemonProcess daemon({.arguments = {"--max-clients", "6000", "--drain-timeout", "60m"}});
    ASSERT_TRUE(daemon.wait_until_ready());
    auto clients = connected(daemon);
    ASSERT_EQ(answered(clients), crowd);

    daemon.signal(SIGTERM);

    EXPECT_EQ(daemon.wait_for_exit(), 0);
    EXPECT_TRUE(clients.front()->closed() && clients.back()->closed());
}

TEST(Crowd, StormsOfClientsThatLeaveAtOnceLeaveNothing)
{
    WatchedDaemon daemon;
    const auto whole = ipc::encode_frame(request_of(100));
    const std::string_view frame(reinterpret_cast<const char*>(whole.data()), whole.size());

    for (int at = 0; at < 1000; ++at) {
        const RawClient silent(daemon.socket());
        const RawClient half(daemon.socket());
        half.send(frame.substr(0, frame.size() / 2));
        const RawClient unread(daemon.socket());
        unread.send(frame);
        const RawClient deaf(daemon.socket());
        deaf.send(frame);
        deaf.end_sending();
    }

    EXPECT_TRUE(daemon.comes_to_rest());
    EXPECT_EQ(outcome_of(daemon, request_of(1)), "ok");
}

TEST(Crowd, AClientKilledAmidItsAnswersLeavesNothing)
{
    WatchedDaemon daemon;
    const pid_t child = ::fork();
    if (child == 0) {
        const RawClient client(daemon.socket());
        for (std::uint64_t id = 0; id < 16; ++id)
            client.send_frame(request_of(8000, id));
        ::pause();
        ::_exit(0);
    }
    ASSERT_TRUE(eventually([&] { return daemon.status().counters.requests >= 2; }));

    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Crowd, ReadersThatStopAreNobodyElsesTrouble)
{
    WatchedDaemon daemon({.arguments = {"--write-limit", "2s"}});
    Clients slow;
    for (int at = 0; at < 20; ++at) {
        slow.push_back(std::make_unique<RawClient>(daemon.socket()));
        slow.back()->send_frame(request_of(8000));
    }

    for (int at = 0; at < 50; ++at)
        EXPECT_EQ(outcome_of(daemon, request_of(1)), "ok");
    EXPECT_TRUE(daemon.comes_to_rest());
}

} // namespace
} // namespace embedd::daemon
