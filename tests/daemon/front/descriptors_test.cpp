#include "tests/daemon/front/raw_client.hpp"
#include "tests/daemon/front/watched_daemon.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <memory>

namespace embedd::daemon {
namespace {

using Crowd = std::vector<std::unique_ptr<RawClient>>;

std::unique_ptr<RawClient> asked(const DaemonProcess& daemon)
{
    auto client = std::make_unique<RawClient>(daemon.socket());
    client->send_frame(request_of(1));
    return client;
}

// Those who were told that there is no room leave; how many they were.
std::size_t drop_refused(Crowd& clients)
{
    return std::erase_if(clients, [](const auto& client) {
        const auto answer = client->answer();
        EXPECT_TRUE(answer);
        if (!answer || answer->at("ok") == true)
            return false;
        EXPECT_EQ(answer->at("error").at("type"), "overloaded");
        EXPECT_GT(answer->at("error").at("retry_after_ms"), 0);
        return true;
    });
}

std::string open_files_of(std::int64_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/limits");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("Max open files"))
            return line;
    return "";
}

TEST(Descriptors, TheDaemonTakesAllItMayAndItsWorkersGetWhatItWasGiven)
{
    WatchedDaemon daemon({.descriptors = rlimit{.rlim_cur = 200, .rlim_max = 400}});

    EXPECT_THAT(open_files_of(daemon.pid()), testing::ContainsRegex("400 +400"));
    EXPECT_THAT(open_files_of(daemon.status().replicas.at(0).pid.value()),
                testing::ContainsRegex("200 +400"));
}

TEST(Descriptors, WhoIsBeyondAFewIsToldAndServedOnceOthersLeft)
{
    WatchedDaemon daemon({.descriptors = rlimit{.rlim_cur = 64, .rlim_max = 64}});
    Crowd clients;
    for (int at = 0; at < 200; ++at)
        clients.push_back(asked(daemon));

    EXPECT_GE(drop_refused(clients), 100U);

    EXPECT_GE(clients.size(), 30U);
    for (const auto& client : clients) {
        client->send_frame(request_of(1, 2));
        EXPECT_EQ(client->answer()->at("ok"), true);
    }
    clients.clear();
    EXPECT_TRUE(daemon.comes_to_rest());
    EXPECT_EQ(outcome_of(daemon, request_of(1)), "ok");
}

// Taken away while it runs, so that no limit of our own is met first.
TEST(Descriptors, WithoutOneLeftClientsAreToldNothingSpinsAndTheConnectedAreServed)
{
    WatchedDaemon daemon;
    const auto connected = asked(daemon);
    EXPECT_EQ(connected->answer()->at("ok"), true);
    rlimit before{};
    ASSERT_EQ(::prlimit(daemon.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
    const rlimit few{.rlim_cur = daemon.descriptors() + 8, .rlim_max = before.rlim_max};
    ASSERT_EQ(::prlimit(daemon.pid(), RLIMIT_NOFILE, &few, nullptr), 0);
    Crowd clients;
    for (int at = 0; at < 50; ++at)
        clients.push_back(asked(daemon));
    EXPECT_GE(drop_refused(clients), 30U);

    const auto cpu = daemon.cpu_time();
    for (int at = 0; at < 20; ++at)
        EXPECT_EQ(outcome_of(daemon, request_of(1)), "overloaded");
    EXPECT_LT((daemon.cpu_time() - cpu).count(), 500); // the pauses between them alone are 2 s

    connected->send_frame(request_of(1, 2));
    EXPECT_EQ(connected->answer()->at("ok"), true);
    clients.clear();
    EXPECT_TRUE(eventually([&] { return outcome_of(daemon, request_of(1)) == "ok"; }));
    EXPECT_TRUE(eventually([&] { return daemon.connections() == 1; }));
}

} // namespace
} // namespace embedd::daemon
