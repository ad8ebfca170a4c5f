#include "tests/daemon/front/daemon_process.hpp"
#include "tests/daemon/front/raw_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

namespace embedd::daemon {
namespace {

// Sends `count` requests on one connection, then counts the good answers.
std::size_t answered_of(const DaemonProcess& daemon, std::size_t count)
{
    RawClient client(daemon.socket());
    for (std::size_t id = 0; id < count; ++id)
        client.send_frame(R"({"id":)" + std::to_string(id) + R"(,"op":"embed","inputs":["text )" +
                          std::to_string(id) + R"("]})");
    std::set<std::uint64_t> good;
    for (std::size_t at = 0; at < count; ++at) {
        const auto answer = client.answer();
        if (!answer)
            break;
        EXPECT_EQ(answer->at("ok"), true) << answer->dump();
        if (answer->at("ok") == true)
            good.insert(answer->at("id").get<std::uint64_t>());
    }
    return good.size();
}

pid_t worker_of(const DaemonProcess& daemon)
{
    return static_cast<pid_t>(daemon.client().status()->status.replicas.at(0).pid.value_or(-1));
}

TEST(Faults, AWorkerKilledUnderRequestsFailsNone)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    daemon.set_fault("die-once");

    EXPECT_EQ(answered_of(daemon, 100), 100U);
    EXPECT_EQ(daemon.client().status()->status.counters.restarts, 1U);
}

TEST(Faults, AWorkerThatStandsStillIsReplacedAndFailsNone)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    ASSERT_EQ(::kill(worker_of(daemon), SIGSTOP), 0);

    EXPECT_EQ(answered_of(daemon, 20), 20U);
    EXPECT_EQ(daemon.client().status()->status.counters.restarts, 1U);
}

TEST(Faults, HealthIsNotGreenWhileNoReplicaServes)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    auto client = daemon.client();
    EXPECT_TRUE(client.health()->ready);

    daemon.set_fault("exit-before-loaded");
    ASSERT_EQ(::kill(worker_of(daemon), SIGKILL), 0);
    EXPECT_TRUE(eventually([&] { return !client.health()->ready; }));
    EXPECT_EQ(client.health()->state, "degraded");

    daemon.end_fault("exit-before-loaded");
    EXPECT_TRUE(eventually([&] { return client.health()->ready; }));
}

TEST(Faults, ALostSocketIsToldToWhoIsStillConnected)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    auto client = daemon.client();
    ASSERT_TRUE(client.health());

    std::filesystem::remove(daemon.socket());

    EXPECT_TRUE(eventually([&] {
        const auto events = client.status()->status.events;
        return std::ranges::any_of(events, [](const ipc::Event& event) {
            return event.level == "error" && event.text.find("was removed or replaced") != std::string::npos;
        });
    }));
}

TEST(Faults, AnAnswerThatIsNoNumberIsComputedAgain)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    daemon.set_fault("nan-once");

    EXPECT_EQ(answered_of(daemon, 20), 20U);
}

TEST(Faults, APoisonousRequestTakesNobodyWithIt)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("poison-7592");
    RawClient client(daemon.socket());

    client.send_frame(R"({"id":"bad","op":"embed","inputs":["hello"]})");
    client.send_frame(R"({"id":"good","op":"embed","inputs":["world"]})");

    for (int at = 0; at < 2; ++at) {
        const auto answer = client.answer();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->at("ok"), answer->at("id") == "good") << answer->dump();
    }
}

} // namespace
} // namespace embedd::daemon
