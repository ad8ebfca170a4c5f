#include "tests/daemon/front/daemon_process.hpp"
#include "tests/daemon/front/raw_client.hpp"

#include <gmock/gmock.h>

namespace embedd::daemon {
namespace {

TEST(Start, SaysReadyOnlyAfterTheWarmUpAndItsProof)
{
    DaemonProcess daemon({.faults = {"hold-warmup"}});
    auto client = daemon.client();
    ASSERT_TRUE(eventually([&] {
        const auto status = client.status();
        return status && status->status.state == "warming";
    }));
    EXPECT_FALSE(daemon.said("READY=1"));
    EXPECT_FALSE(client.health()->ready);

    daemon.end_fault("hold-warmup");

    ASSERT_TRUE(daemon.wait_until_ready());
    const auto status = client.status();
    ASSERT_TRUE(status);
    EXPECT_TRUE(status->status.serving);
    ASSERT_TRUE(status->status.warmup.last);
    EXPECT_TRUE(status->status.warmup.last->ratio.has_value());
    EXPECT_FALSE(status->status.warmup.last->cells.empty());
    EXPECT_GT(daemon.batches().size(), 0U);
}

TEST(Start, HoldsRequestsUntilItIsReadyAndAnswersThemThen)
{
    DaemonProcess daemon({.faults = {"hold-warmup"}});
    RawClient client(daemon.socket());
    client.send_frame(R"({"id":1,"op":"embed","inputs":["hello"]})");
    client.send_frame(R"({"id":2,"op":"health"})");
    EXPECT_EQ(client.answer()->at("id"), 2);

    daemon.end_fault("hold-warmup");

    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at("id"), 1);
    EXPECT_EQ(answer->at("ok"), true);
}

TEST(Start, RefusesAtOnceWhoDoesNotWantToWait)
{
    const DaemonProcess daemon({.faults = {"hold-warmup"}});
    RawClient client(daemon.socket());

    client.send_frame(R"({"id":1,"op":"embed","inputs":["hello"],"wait_ready":false})");
    EXPECT_EQ(client.answer()->at("error").at("type"), "not_ready");
    client.send_frame(R"({"id":2,"op":"embed","inputs":["hello"],"timeout_ms":1})");
    EXPECT_EQ(client.answer()->at("error").at("type"), "deadline_exceeded");
}

TEST(Start, EndsWith78AndSaysWhyWhenTheModelIsAtFault)
{
    DaemonProcess daemon({.faults = {"bad-model"}});

    EXPECT_EQ(daemon.wait_for_exit(), 78);
    EXPECT_TRUE(daemon.said("STATUS="));
    EXPECT_FALSE(daemon.said("READY=1"));
}

TEST(Start, EndsWith78WhenThereIsNoModel)
{
    DaemonProcess daemon({.model = "/nonexistent/model"});

    EXPECT_THAT(daemon.wait_for_exit(), testing::AnyOf(78, 2));
}

TEST(Start, IsReadyRightAfterLoadingWithoutWarmUp)
{
    DaemonProcess daemon({.arguments = {"--warmup", "false"}});

    ASSERT_TRUE(daemon.wait_until_ready());
    EXPECT_EQ(daemon.client().status()->status.warmup.state, "skipped");
}

TEST(Start, ReportsTheModelAndItsPhases)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto status = daemon.client().status()->status;
    const auto info = daemon.client().info();

    EXPECT_EQ(status.state, "ready");
    EXPECT_THAT(status.phases, testing::Each(testing::Field(&ipc::PhaseStatus::state, "done")));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->model.max_tokens, 256U);
    EXPECT_FALSE(status.events.empty());
    ASSERT_EQ(status.devices.size(), 1U);
    EXPECT_EQ(status.devices[0].id, "cpu");
    EXPECT_EQ(status.devices[0].name, "fake");
}

} // namespace
} // namespace embedd::daemon
