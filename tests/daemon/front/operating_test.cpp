#include "tests/daemon/front/daemon_process.hpp"
#include "tests/daemon/front/raw_client.hpp"

#include <gmock/gmock.h>

#include <future>

namespace embedd::daemon {
namespace {

using testing::HasSubstr;

constexpr auto ignored = [](const ipc::Progress&) {};

ipc::Status status(const DaemonProcess& daemon)
{
    return daemon.client().status()->status;
}

ipc::EmbedRequest hello()
{
    return {.inputs = {"hello"}};
}

// A request that its worker keeps, of the id 1.
void begin_held_request(const DaemonProcess& daemon, const RawClient& client)
{
    daemon.set_fault("hold-batch");
    client.send_frame(R"({"id":1,"op":"embed","inputs":["hello"]})");
    ASSERT_TRUE(eventually([&] { return !daemon.batches().empty(); }));
}

// The one that ends what was asked for, after those that tell how far it is.
std::optional<nlohmann::json> last_answer(RawClient& client)
{
    auto answer = client.answer();
    while (answer && answer->contains("more"))
        answer = client.answer();
    return answer;
}

TEST(Drain, AnswersWhatWasAcceptedAndTakesNothingNew)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    RawClient client(daemon.socket()), admin(daemon.socket());
    begin_held_request(daemon, client);

    admin.send_frame(R"({"id":1,"op":"drain"})");
    ASSERT_TRUE(eventually([&] { return status(daemon).state == "draining"; }));
    client.send_frame(R"({"id":2,"op":"embed","inputs":["late"]})");
    const auto late = client.answer();
    EXPECT_EQ(late->at("error").at("type"), "draining");
    EXPECT_GT(late->at("error").at("retry_after_ms"), 0);
    const auto health = daemon.client().health();
    EXPECT_TRUE(health->live);
    EXPECT_FALSE(health->ready);
    daemon.end_fault("hold-batch");

    EXPECT_EQ(client.answer()->at("ok"), true);
    const auto answer = last_answer(admin);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at("answered"), 1);
}

TEST(Drain, IsDoneAtOnceWhereNothingIsUnderWayAndMayBeAskedForAgain)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_EQ(daemon.client().drain(ignored)->answered, 0U);
    EXPECT_EQ(daemon.client().drain(ignored)->answered, 0U);
    EXPECT_EQ(status(daemon).state, "draining");
}

TEST(Drain, EndsWithResume)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    ASSERT_TRUE(daemon.client().drain(ignored));

    EXPECT_TRUE(daemon.client().resume()->resumed);

    EXPECT_TRUE(daemon.client().embed(hello()));
    EXPECT_EQ(status(daemon).state, "ready");
    EXPECT_FALSE(daemon.client().resume()->resumed) << "it was not draining";
}

TEST(Drain, ThatIsCalledOffSaysSo)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    RawClient client(daemon.socket()), admin(daemon.socket());
    begin_held_request(daemon, client);
    admin.send_frame(R"({"id":1,"op":"drain"})");
    ASSERT_TRUE(eventually([&] { return status(daemon).state == "draining"; }));

    ASSERT_TRUE(daemon.client().resume());

    const auto answer = last_answer(admin);
    EXPECT_EQ(answer->at("error").at("type"), "draining");
    daemon.end_fault("hold-batch");
    EXPECT_EQ(client.answer()->at("ok"), true);
}

TEST(Drain, OfAServiceThatStartsIsRefusingUntilResumed)
{
    DaemonProcess daemon({.faults = {"hold-warmup"}});
    RawClient client(daemon.socket());
    client.send_frame(R"({"id":1,"op":"embed","inputs":["early"]})");
    client.send_frame(R"({"id":2,"op":"health"})");
    EXPECT_EQ(client.answer()->at("id"), 2);

    ASSERT_TRUE(daemon.client().drain(ignored));
    EXPECT_EQ(client.answer()->at("error").at("type"), "draining");
    ASSERT_TRUE(daemon.client().resume());
    daemon.end_fault("hold-warmup");

    EXPECT_TRUE(daemon.client().embed(hello()));
}

TEST(RestartReplica, PutsANewWorkerInItsPlaceWhileOthersServe)
{
    DaemonProcess daemon({.arguments = {"--replicas", "2"}});
    ASSERT_TRUE(daemon.wait_until_ready());
    ASSERT_TRUE(eventually([&] { return status(daemon).replicas[1].state == "ready"; }));
    const auto before = status(daemon).replicas;
    std::vector<std::string> steps;

    const auto reply = daemon.client().restart_replica(
        {.replica = 1}, [&](const ipc::Progress& progress) { steps.push_back(progress.step); });

    ASSERT_TRUE(reply) << reply.error().error.message;
    const auto after = status(daemon).replicas;
    EXPECT_EQ(reply->pid, after[1].pid);
    EXPECT_NE(after[1].pid, before[1].pid);
    EXPECT_EQ(after[0].pid, before[0].pid);
    EXPECT_EQ(after[1].errors, before[1].errors) << "a restart on request is no failure";
    EXPECT_THAT(steps, testing::IsSupersetOf({"stop", "start", "warmup"}));
    EXPECT_EQ(status(daemon).state, "ready");
}

TEST(RestartReplica, LetsItsRunningBatchesEndFirst)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    RawClient client(daemon.socket()), admin(daemon.socket());
    begin_held_request(daemon, client);
    admin.send_frame(R"({"id":1,"op":"restart_replica","replica":0})");
    ASSERT_TRUE(eventually([&] { return status(daemon).state == "degraded"; }));
    client.send_frame(R"({"id":2,"op":"embed","inputs":["waits for the next one"]})");

    daemon.end_fault("hold-batch");

    EXPECT_EQ(client.answer()->at("ok"), true);
    EXPECT_EQ(client.answer()->at("ok"), true);
    EXPECT_EQ(status(daemon).counters.retries, 0U);
}

TEST(RestartReplica, ThatDoesNotComeBackIsToldWhy)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("exit-before-loaded");

    const auto reply = daemon.client().restart_replica({.replica = 0}, ignored);

    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().error.type, ipc::ErrorType::internal);
    EXPECT_THAT(reply.error().error.message, HasSubstr("did not come back"));
    daemon.end_fault("exit-before-loaded");
    EXPECT_TRUE(daemon.client().embed(hello())) << "it is tried again all the same";
}

TEST(RestartReplica, ReplacesAHungOneWithoutWaitingForIt)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hang");
    auto restarted = std::async(std::launch::async,
                                [&] { return daemon.client().restart_replica({.replica = 0}, ignored); });
    ASSERT_TRUE(eventually([&] { return status(daemon).replicas[0].restarts > 0; }));
    daemon.end_fault("hang");

    EXPECT_TRUE(restarted.get());
}

TEST(RestartReplica, NeedsOneThatExists)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto reply = daemon.client().restart_replica({.replica = 7}, ignored);
    const auto asked = daemon.client().restart_replica({.replica = 0, .dry_run = true}, ignored);

    EXPECT_EQ(reply.error().error.type, ipc::ErrorType::bad_request);
    EXPECT_THAT(reply.error().error.message, HasSubstr("0 to 0"));
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->pid, status(daemon).replicas[0].pid);
}

} // namespace
} // namespace embedd::daemon
