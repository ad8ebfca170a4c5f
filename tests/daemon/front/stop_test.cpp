#include "tests/daemon/front/daemon_process.hpp"
#include "tests/daemon/front/raw_client.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace embedd::daemon {
namespace {

TEST(Stop, AnswersWhatWasAcceptedAndLeavesNothing)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hold-batch");
    RawClient client(daemon.socket());
    client.send_frame(R"({"id":1,"op":"embed","inputs":["hello"]})");
    client.send_frame(R"({"id":2,"op":"health"})");
    EXPECT_EQ(client.answer()->at("id"), 2);

    daemon.signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return daemon.said("STOPPING=1"); }));
    client.send_frame(R"({"id":3,"op":"embed","inputs":["late"]})");
    EXPECT_EQ(client.answer()->at("error").at("type"), "draining");
    daemon.signal(SIGTERM);
    daemon.end_fault("hold-batch");

    EXPECT_EQ(client.answer()->at("ok"), true);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(daemon.wait_for_exit(), 0);
    EXPECT_FALSE(std::filesystem::exists(daemon.socket()));
}

TEST(Stop, GivesUpWhenTheDrainTimeoutIsOver)
{
    DaemonProcess daemon({.arguments = {"--drain-timeout", "50ms"}});
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hold-batch");
    RawClient client(daemon.socket());
    client.send_frame(R"({"id":1,"op":"embed","inputs":["hello"]})");
    client.send_frame(R"({"id":2,"op":"health"})");
    EXPECT_EQ(client.answer()->at("id"), 2);

    daemon.signal(SIGTERM);

    EXPECT_EQ(daemon.wait_for_exit(), 0);
}

TEST(Stop, WorksDuringTheWarmUp)
{
    DaemonProcess daemon({.faults = {"hold-warmup"}});
    RawClient client(daemon.socket());
    client.send_frame(R"({"id":1,"op":"embed","inputs":["hello"]})");
    client.send_frame(R"({"id":2,"op":"health"})");
    EXPECT_EQ(client.answer()->at("id"), 2);

    daemon.signal(SIGINT);

    EXPECT_EQ(client.answer()->at("error").at("type"), "draining");
    EXPECT_EQ(daemon.wait_for_exit(), 0);
}

TEST(Stop, OtherSignalsDoNotEndIt)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    for (const int number : {SIGUSR1, SIGPIPE})
        daemon.signal(number);

    EXPECT_TRUE(daemon.client().health()->ready);
}

TEST(Stop, CancelsAWarmUpThatRunsBesideTraffic)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hold-warmup");
    RawClient client(daemon.socket());
    client.send_frame(R"({"id":1,"op":"rewarm"})");
    ASSERT_TRUE(eventually([&] { return daemon.client().status()->status.state == "rewarming"; }));

    daemon.signal(SIGTERM);

    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at("report").at("result"), "cancelled");
    EXPECT_EQ(daemon.wait_for_exit(), 0);
}

} // namespace
} // namespace embedd::daemon
