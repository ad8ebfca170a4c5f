#include "tests/daemon/front/raw_client.hpp"
#include "tests/daemon/front/watched_daemon.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace embedd::daemon {
namespace {

// What nobody reads: each answer is larger than a socket's own buffer.
void ask_and_never_read(const RawClient& client, std::size_t requests, std::size_t inputs = 8000)
{
    for (std::size_t id = 0; id < requests; ++id)
        client.send_frame(request_of(inputs, id));
}

TEST(Limits, AnswersThatNobodyReadsAreBoundedOverAllConnections)
{
    WatchedDaemon daemon({.arguments = {"--max-client-bytes", "4MiB", "--write-limit", "10m"}});
    std::vector<std::unique_ptr<RawClient>> slow;
    const auto settled = [&] { return daemon.status().counters.requests == slow.size(); };
    for (int at = 0; at < 20; ++at) {
        slow.push_back(std::make_unique<RawClient>(daemon.socket()));
        ask_and_never_read(*slow.back(), 1);
        ASSERT_TRUE(eventually(settled));
    }

    EXPECT_EQ(outcome_of(daemon, request_of(8000)), "overloaded");

    std::size_t answered = 0;
    for (const auto& client : slow)
        answered += client->answer()->at("ok") == true ? 1 : 0;
    EXPECT_GE(answered, 4U);
    EXPECT_LE(answered, 15U);
    EXPECT_TRUE(eventually([&] { return outcome_of(daemon, request_of(8000)) == "ok"; }));
    slow.clear();
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Limits, WhatTheAnswersHeldIsGivenBackHoweverTheirReadersEnd)
{
    WatchedDaemon daemon({.arguments = {"--max-client-bytes", "2MiB", "--write-limit", "10m"}});
    const auto as_large_as_can_be = request_of(8190);
    {
        const RawClient leaves(daemon.socket());
        ask_and_never_read(leaves, 8);
        ASSERT_TRUE(eventually([&] { return daemon.status().counters.errors["overloaded"] > 0; }));
    }
    EXPECT_TRUE(daemon.comes_to_rest());

    for (int at = 0; at < 20; ++at)
        EXPECT_EQ(outcome_of(daemon, as_large_as_can_be), "ok");
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Limits, AnAnswerThatCanNeverFitIsTooLarge)
{
    WatchedDaemon daemon({.arguments = {"--max-client-bytes", "1MiB", "--max-inputs", "100000"}});
    RawClient client(daemon.socket());

    client.send_frame(request_of(50'000, 1));
    EXPECT_EQ(client.answer()->at("error").at("type"), "too_large");
    client.send_frame(request_of(1, 2));
    EXPECT_EQ(client.answer()->at("ok"), true);
}

TEST(Limits, AnswersThatNeedNoModelAreBoundedToo)
{
    WatchedDaemon daemon({.arguments = {"--max-client-bytes", "1MiB", "--write-limit", "10m"}});
    RawClient slow(daemon.socket());

    for (int id = 0; id < 250; ++id)
        slow.send_frame(R"({"id":)" + std::to_string(id) + R"(,"op":"status"})");

    EXPECT_TRUE(eventually([&] { return daemon.status().counters.errors["overloaded"] == 1; }));
    EXPECT_TRUE(slow.everything().find(R"("type":"overloaded")") != std::string::npos);
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Limits, UnfinishedFramesAreBoundedOverAllConnections)
{
    WatchedDaemon daemon({.arguments = {"--max-client-bytes", "4MiB"}});
    const auto frame = ipc::encode_frame(R"({"id":1,"op":"health")" + std::string(900'000, ' ') + "}");
    const std::string_view bytes(reinterpret_cast<const char*>(frame.data()), frame.size());
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int at = 0; at < 10; ++at) {
        clients.push_back(std::make_unique<RawClient>(daemon.socket()));
        clients.back()->send(bytes.substr(0, bytes.size() - 1));
    }
    ASSERT_TRUE(eventually([&] { return daemon.connections() < clients.size(); }));

    int whole = 0, refused = 0;
    for (const auto& client : clients) {
        client->send("}");
        const auto answer = client->answer();
        ASSERT_TRUE(answer);
        whole += answer->at("ok") == true ? 1 : 0;
        refused += answer->at("ok") == false && answer->at("error").at("type") == "overloaded" ? 1 : 0;
    }
    EXPECT_GE(whole, 1);
    EXPECT_GE(refused, 1);
    EXPECT_EQ(whole + refused, 10);
    clients.clear();
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Limits, AFrameThatIsNotWholeInTimeEndsItsConnection)
{
    WatchedDaemon daemon({.arguments = {"--frame-limit", "100ms"}});
    RawClient silent(daemon.socket()), trickling(daemon.socket()), idle(daemon.socket());
    using namespace std::string_literals;

    silent.send("EMB1"s);
    trickling.send("EMB1\xFF\xFF\0\0\0\0\0\0\0\0\0\0"s);

    EXPECT_TRUE(silent.closed());
    EXPECT_TRUE(eventually([&] { return !trickling.send(" "); }));
    idle.send_frame(request_of(1));
    EXPECT_EQ(idle.answer()->at("ok"), true); // between frames there is no hurry
}

TEST(Limits, AThousandHalfFramesAreClosedAndNobodyElseNotices)
{
    WatchedDaemon daemon({.arguments = {"--frame-limit", "1s"}});
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int at = 0; at < 1000; ++at) {
        clients.push_back(std::make_unique<RawClient>(daemon.socket()));
        clients.back()->send("EMB1");
    }

    EXPECT_EQ(outcome_of(daemon, request_of(1)), "ok");
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Limits, AReaderThatStopsIsClosed)
{
    WatchedDaemon daemon({.arguments = {"--write-limit", "200ms"}});
    const RawClient slow(daemon.socket());
    ask_and_never_read(slow, 4);

    EXPECT_EQ(outcome_of(daemon, request_of(1)), "ok");
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Limits, AReaderThatTakesAByteNowAndThenIsClosedAllTheSame)
{
    WatchedDaemon daemon({.arguments = {"--write-limit", "200ms"}});
    const RawClient slow(daemon.socket());
    ask_and_never_read(slow, 4);

    EXPECT_TRUE(eventually([&] {
        slow.take_a_byte();
        return daemon.connections() == 0;
    }));
    EXPECT_TRUE(daemon.comes_to_rest());
}

TEST(Limits, AConnectionWith1024RequestsInFlightIsNotReadFrom)
{
    WatchedDaemon daemon;
    daemon.set_fault("hold-batch");
    RawClient client(daemon.socket());
    constexpr int sent = 1100; // the socket holds those that are not read
    for (std::uint64_t id = 0; id < sent; ++id)
        client.send_frame(request_of(1, id));
    const auto in_flight = [&] {
        std::uint64_t most = 0;
        for (const auto& row : daemon.status().clients)
            most = std::max(most, row.inflight);
        return most;
    };

    ASSERT_TRUE(eventually([&] { return in_flight() >= 1024; }));
    EXPECT_EQ(in_flight(), 1024U);
    daemon.end_fault("hold-batch");

    for (int at = 0; at < sent; ++at)
        ASSERT_EQ(client.answer()->at("ok"), true);
}

} // namespace
} // namespace embedd::daemon
