#include "tests/daemon/front/raw_client.hpp"
#include "tests/daemon/front/watched_daemon.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

const std::string often = R"({"id":"w","op":"subscribe","interval_ms":100})";

// The next message of the subscription, past other answers.
std::optional<nlohmann::json> next_of(RawClient& client)
{
    auto answer = client.answer();
    while (answer && answer->at("id") != "w")
        answer = client.answer();
    return answer;
}

bool tells(RawClient& client, const std::string& state)
{
    return eventually([&] { return next_of(client)->at("status").at("state") == state; });
}

TEST(Subscribe, TellsTheStatusAtOnceAndAgainUntilItIsCancelled)
{
    WatchedDaemon daemon;
    RawClient client(daemon.socket());

    client.send_frame(often);
    const auto first = client.answer(), second = client.answer(), third = client.answer();
    EXPECT_EQ(first->at("id"), "w");
    EXPECT_EQ(first->at("ok"), true);
    EXPECT_EQ(first->at("more"), true);
    EXPECT_TRUE(first->contains("history"));
    EXPECT_FALSE(second->contains("history"));
    EXPECT_LT(second->at("status").at("mono_us"), third->at("status").at("mono_us"));
    EXPECT_EQ(first->at("status").at("may").size(), 5U);
    client.send_frame(R"({"id":2,"op":"cancel","target":"w"})");
    auto answer = client.answer();
    while (answer->at("id") == "w")
        answer = client.answer();

    EXPECT_EQ(answer->at("cancelled"), true);
    client.send_frame(R"({"id":3,"op":"subscribe","interval_ms":60000})");
    EXPECT_EQ(client.answer()->at("id"), 3) << "nothing more of what was cancelled";
    client.send_frame(R"({"id":4,"op":"cancel","target":"w"})");
    EXPECT_EQ(client.answer()->at("cancelled"), false);
}

TEST(Subscribe, LeavesNothingBehindHoweverItEnds)
{
    WatchedDaemon daemon;
    for (int at = 0; at < 20; ++at) {
        RawClient client(daemon.socket());
        client.send_frame(often);
        EXPECT_TRUE(client.answer());
    }
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Subscribe, ShowsTheSecondsBeforeToWhoComesLater)
{
    DaemonProcess daemon({.faults = {"hold-warmup"}});
    std::vector<ipc::Sample> history;
    const auto samples = [&](std::size_t least) {
        return eventually([&] {
            const auto end = daemon.client().subscribe(1s, [&](const ipc::SubscribeEvent& event) {
                history = event.history;
                return false;
            });
            return end && history.size() >= least;
        });
    };
    ASSERT_TRUE(samples(2));
    daemon.end_fault("hold-warmup");
    ASSERT_TRUE(daemon.client().embed({.inputs = {"hello", "you"}}));
    ASSERT_FALSE(daemon.client().embed({.inputs = {"hello"}, .dimensions = 100'000}));

    ASSERT_TRUE(samples(1)); // as it is now: the warm-up has taken its time
    ASSERT_TRUE(samples(history.size() + 2));

    const auto& first = history.front();
    const auto& last = history.back();
    EXPECT_TRUE(first.state == "starting" || first.state == "loading" || first.state == "warming")
        << first.state;
    EXPECT_EQ(first.requests, 0U);
    EXPECT_EQ(last.state, "ready");
    EXPECT_EQ(last.requests, 2U);
    EXPECT_EQ(last.inputs, 2U);
    EXPECT_EQ(last.errors, 1U);
    EXPECT_EQ(last.warm_epoch, 1U);
    EXPECT_GE(last.batches, 1U);
    EXPECT_GE(last.batch_tokens, last.tokens);
    EXPECT_GT(last.resident_bytes, 0U);
    std::uint64_t answered = 0;
    for (const auto count : last.latency.at("total"))
        answered += count;
    EXPECT_EQ(answered, 1U);
    for (std::size_t at = 1; at < history.size(); ++at)
        EXPECT_GE(history[at].mono_us, history[at - 1].mono_us + 900'000);
}

TEST(Subscribe, BeginsWhileTheModelIsLoadingAndGoesOnThroughReadyAndReload)
{
    DaemonProcess daemon({.faults = {"hold-warmup"}});
    RawClient client(daemon.socket());
    client.send_frame(often);
    ASSERT_TRUE(tells(client, "warming"));

    daemon.end_fault("hold-warmup");
    ASSERT_TRUE(tells(client, "ready"));
    ASSERT_TRUE(daemon.client().reload({}, [](const ipc::Progress&) {}));
    EXPECT_TRUE(eventually(
        [&] { return next_of(client)->at("status").at("replicas")[0].at("model_generation") == 2; }));
    ASSERT_TRUE(daemon.client().rewarm({}, [](const ipc::Progress&) {}));
    const auto epoch = daemon.client().status()->status.warmup.epoch;

    EXPECT_TRUE(eventually([&] { return next_of(client)->at("status").at("warmup").at("epoch") == epoch; }));
}

TEST(Subscribe, IsNotAmongTheRequestsUnderWay)
{
    WatchedDaemon daemon;
    RawClient client(daemon.socket());
    client.send_frame(R"({"id":"w","op":"subscribe","interval_ms":100,"client":"viewer"})");
    ASSERT_TRUE(client.answer());
    const auto rows = daemon.status().clients;
    const auto viewer = std::ranges::find(rows, "viewer", &ipc::ClientStatus::client);
    ASSERT_NE(viewer, rows.end());
    EXPECT_EQ(viewer->inflight, 0U);

    EXPECT_EQ(daemon.client().drain([](const ipc::Progress&) {})->answered, 0U);

    EXPECT_TRUE(tells(client, "draining"));
    ASSERT_TRUE(daemon.client().resume());
    EXPECT_TRUE(tells(client, "ready"));
}

TEST(Subscribe, DoesNotHoldUpAStopEvenIfNobodyReads)
{
    DaemonProcess daemon({.arguments = {"--drain-timeout", "10m", "--write-limit", "10m"}});
    ASSERT_TRUE(daemon.wait_until_ready());
    RawClient reads(daemon.socket());
    const RawClient stands_still(daemon.socket());
    reads.send_frame(often);
    stands_still.send_frame(often);
    for (int at = 0; at < 60; ++at)
        ASSERT_TRUE(reads.answer());

    daemon.signal(SIGTERM);

    EXPECT_EQ(daemon.wait_for_exit(), 0);
    while (reads.answer()) {
    }
}

TEST(Subscribe, ThatIsNotReadMissesMessagesAndThenGetsNewOnes)
{
    WatchedDaemon daemon({.arguments = {"--write-limit", "10m"}});
    RawClient reads(daemon.socket()), slow(daemon.socket());
    reads.send_frame(often);
    slow.send_frame(often);
    for (int at = 0; at < 80; ++at)
        ASSERT_TRUE(reads.answer());

    std::uint64_t last = reads.answer()->at("status").at("mono_us");
    std::size_t heard = 0;
    while (slow.answer()->at("status").at("mono_us") <= last)
        ++heard;

    EXPECT_LT(heard, 80U);
    EXPECT_EQ(outcome_of(daemon, request_of(1)), "ok");
}

TEST(Subscribe, ThatIsNeverReadIsClosedInTheEnd)
{
    WatchedDaemon daemon({.arguments = {"--write-limit", "200ms"}});
    const RawClient slow(daemon.socket());
    slow.send_frame(often);
    ASSERT_TRUE(eventually([&] { return daemon.connections() == 1; }));

    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Subscribe, GoesOnForAClientThatEndedItsHalf)
{
    WatchedDaemon daemon;
    RawClient client(daemon.socket());
    client.send_frame(often);
    client.end_sending();

    for (int at = 0; at < 5; ++at)
        EXPECT_TRUE(client.answer());
}

TEST(Subscribe, EndsWithAStreamThatMakesNoSense)
{
    WatchedDaemon daemon;
    RawClient client(daemon.socket());
    client.send_frame(often);
    ASSERT_TRUE(client.answer());

    client.send("what is this?");

    EXPECT_NE(client.everything().find("bad_request"), std::string::npos);
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Subscribe, IsBoundedForAConnection)
{
    WatchedDaemon daemon;
    RawClient client(daemon.socket());
    for (int id = 0; id < 9; ++id)
        client.send_frame(R"({"op":"subscribe","interval_ms":60000,"id":)" + std::to_string(id) + "}");
    for (int id = 0; id < 8; ++id)
        EXPECT_EQ(client.answer()->at("ok"), true);

    EXPECT_EQ(client.answer()->at("error").at("message"),
              "this connection has 8 subscriptions: cancel one first");
    client.send_frame(R"({"id":9,"op":"cancel","target":0})");
    EXPECT_EQ(client.answer()->at("cancelled"), true);
    client.send_frame(R"({"id":8,"op":"subscribe","interval_ms":60000})");
    EXPECT_EQ(client.answer()->at("ok"), true);
    client.send_frame(R"({"id":8,"op":"health"})");
    EXPECT_EQ(client.answer()->at("error").at("type"), "bad_request") << "the id is still in use";
}

TEST(Subscribe, IsThereForManyAtTheirOwnIntervals)
{
    WatchedDaemon daemon;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int at = 0; at < 100; ++at) {
        clients.push_back(std::make_unique<RawClient>(daemon.socket()));
        clients.back()->send_frame(R"({"id":"w","op":"subscribe","interval_ms":)" + std::to_string(100 + at) +
                                   "}");
    }

    for (const auto& client : clients)
        for (int at = 0; at < 5; ++at)
            ASSERT_TRUE(client->answer());
    EXPECT_EQ(outcome_of(daemon, request_of(10)), "ok");
    clients.clear();
    EXPECT_TRUE(daemon.comes_to_rest());
}

} // namespace
} // namespace embedd::daemon
