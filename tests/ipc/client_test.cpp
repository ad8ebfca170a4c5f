#include "ipc/client.hpp"
#include "ipc/connect.hpp"
#include "tests/ipc/test_server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <semaphore>
#include <thread>

namespace embedd::ipc {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds generous{30'000};

Client client_of(const TestServer& server, milliseconds timeout = generous)
{
    return Client{{.socket = server.path(), .timeout = timeout, .name = "test"}};
}

void answer_all(Caller& caller, int)
{
    while (const auto request = caller.next())
        caller.answer(*request);
}

TEST(Client, AsksAgainAndAgainOverOneConnection)
{
    int connections = 0;
    TestServer server{[&](Caller& caller, int connection) {
        connections = connection + 1;
        answer_all(caller, connection);
    }};
    {
        auto client = client_of(server);
        for (int i = 0; i < 3; ++i) {
            const auto health = client.health();
            ASSERT_TRUE(health) << health.error().error.message;
            EXPECT_TRUE(health->ready);
        }
    }

    EXPECT_EQ(connections, 1);
}

TEST(Client, GivesItsNameAndItsDeadlineToTheDaemon)
{
    TestServer server{[](Caller& caller, int) {
        const auto request = caller.next();
        ASSERT_TRUE(request);
        EXPECT_EQ(request->client, "test");
        EXPECT_EQ(request->timeout, generous);
        caller.answer(*request);
    }};

    EXPECT_TRUE(client_of(server).health());
}

TEST(Client, ARestartOfTheDaemonIsAPauseAndNotAnError)
{
    TestServer server{[](Caller& caller, int connection) {
        const auto request = caller.next();
        if (request && connection == 1)
            caller.answer(*request);
    }};

    EXPECT_TRUE(client_of(server).health());
}

TEST(Client, ADaemonThatEndsTwiceIsNotAskedAThirdTime)
{
    int requests = 0;
    {
        TestServer server{[&](Caller& caller, int) { requests += caller.next() ? 1 : 0; }};
        const auto health = client_of(server).health();
        ASSERT_FALSE(health);
        EXPECT_EQ(health.error().link, LinkFault::closed);
    }

    EXPECT_EQ(requests, 2);
}

TEST(Client, ADaemonThatStopsIsLeftForTheOneThatComesAfterIt)
{
    const Error stopping{ErrorType::draining, "the service is stopping", 1000};
    TestServer server{[&](Caller& caller, int connection) {
        const auto request = caller.next();
        if (request && connection == 0)
            caller.send(encode_frame(to_header(request->id, stopping)));
        else if (request)
            caller.answer(*request);
    }};

    EXPECT_TRUE(client_of(server).health());
}

TEST(Client, ARefusalIsTheDaemonsOwnError)
{
    const Error full{ErrorType::overloaded, "the queue is full", 120};
    TestServer server{[&](Caller& caller, int) {
        if (const auto request = caller.next())
            caller.send(encode_frame(to_header(request->id, full)));
    }};

    const auto health = client_of(server).health();

    ASSERT_FALSE(health);
    EXPECT_EQ(health.error().link, std::nullopt);
    EXPECT_EQ(health.error().error, full);
}

TEST(Client, AnAnswerThatDoesNotComeTimesOut)
{
    TestServer server{[](Caller& caller, int) {
        while (caller.next()) {
        }
    }};

    const auto health = client_of(server, milliseconds{50}).health();

    ASSERT_FALSE(health);
    EXPECT_EQ(health.error().link, LinkFault::timed_out);
}

TEST(Client, AnAnswerThatComesTooLateIsNotTakenForTheNext)
{
    TestServer server{[](Caller& caller, int connection) {
        const auto request = caller.next();
        if (connection == 0)
            while (caller.next()) {
            }
        else if (request)
            caller.answer(*request);
    }};
    auto client = client_of(server, milliseconds{500});
    EXPECT_FALSE(client.health());

    EXPECT_TRUE(client.health());
}

TEST(Client, WhatIsNoAnswerIsMalformed)
{
    const std::string_view http = "HTTP/1.1 200 OK\r\n";
    const auto text = std::as_bytes(std::span{http});
    for (const auto& garbage : {std::vector<std::byte>{text.begin(), text.end()}, encode_frame("[]")}) {
        TestServer server{[&](Caller& caller, int) {
            if (caller.next())
                caller.send(garbage);
        }};
        const auto health = client_of(server).health();
        ASSERT_FALSE(health);
        EXPECT_EQ(health.error().link, LinkFault::malformed);
    }
}

TEST(Client, NoDaemonIsUnreachableAtOnceAndNamed)
{
    Client client{{.socket = "/tmp/embedd-nobody/s", .timeout = generous, .name = {}}};

    const auto health = client.health();

    ASSERT_FALSE(health);
    EXPECT_EQ(health.error().link, LinkFault::unreachable);
    EXPECT_EQ(health.error().error.message,
              "cannot reach a daemon at /tmp/embedd-nobody/s: No such file or directory");
    Client overlong{{.socket = "/tmp/" + std::string(200, 'x'), .timeout = generous, .name = {}}};
    EXPECT_EQ(overlong.health().error().link, LinkFault::unreachable);
}

TEST(Client, AFullBacklogIsWaitedFor)
{
    // A listener that accepts nobody until its backlog was full for a while: the kernel answers EAGAIN
    // meanwhile.
    std::promise<void> full;
    TestServer server{[&, accepted = full.get_future().share()](Caller& caller, int connection) {
                          accepted.wait();
                          answer_all(caller, connection);
                      },
                      0};
    std::vector<int> fillers;
    ConnectAttempt attempt;
    while ((attempt = try_connect(server.path())).socket >= 0)
        fillers.push_back(attempt.socket);
    ASSERT_EQ(attempt.error, EAGAIN);
    std::jthread releases{[&] {
        for (const int filler : fillers)
            ::close(filler);
        full.set_value();
    }};

    EXPECT_TRUE(client_of(server).health());
}

// Answers each request with this.
TestServer::Script answering(Answer answer)
{
    return [answer = std::move(answer)](Caller& caller, int) {
        while (const auto request = caller.next())
            caller.send(encode_frame(to_header(request->id, answer)));
    };
}

TEST(Client, AsksForTheMetricsAndThePastWarmUps)
{
    const MetricsReply metrics{.text = "embedd_requests_total 3\n"};
    const WarmUpsReply warm_ups{.warmups = {WarmUpRecord{.model = "older"}, WarmUpRecord{.model = "newer"}}};
    TestServer counts{answering(metrics)};
    TestServer remembers{answering(warm_ups)};

    EXPECT_EQ(*client_of(counts).metrics(), metrics);
    EXPECT_EQ(*client_of(remembers).warm_ups(), warm_ups);
}

TEST(Client, HearsTheStepsOfARewarmAndThenItsReport)
{
    const RewarmRequest asked{.task = "embed", .lengths = {8, 32}, .dry_run = false};
    const std::vector<Progress> steps{{.replica = 0, .done = 1, .total = 2, .rows = 8},
                                      {.replica = 0, .done = 2, .total = 2, .rows = 32}};
    const RewarmReply done{.replicas = {0}, .cells = 2, .estimate_us = 9, .report = WarmUpReport{}};
    TestServer server{[&](Caller& caller, int) {
        const auto request = caller.next();
        ASSERT_TRUE(request);
        EXPECT_EQ(std::get<RewarmRequest>(request->operation), asked);
        for (const auto& step : steps)
            caller.send(encode_frame(to_header(request->id, step)));
        caller.send(encode_frame(to_header(request->id, done)));
    }};
    std::vector<Progress> heard;

    const auto reply = client_of(server).rewarm(asked, [&](const Progress& step) { heard.push_back(step); });

    ASSERT_TRUE(reply) << reply.error().error.message;
    EXPECT_EQ(*reply, done);
    EXPECT_EQ(heard, steps);
}

TEST(Client, ARewarmThatMovesOutlastsTheTimeout)
{
    constexpr milliseconds timeout{500};
    const RewarmReply done{.replicas = {0}, .cells = 1, .estimate_us = {}, .report = WarmUpReport{}};
    std::counting_semaphore heard{0};
    TestServer server{[&](Caller& caller, int) {
        const auto request = caller.next();
        ASSERT_TRUE(request);
        const auto begun = std::chrono::steady_clock::now();
        // One step after another, each heard at once, until a deadline that stays would have passed.
        while (std::chrono::steady_clock::now() < begun + timeout + milliseconds{50}) {
            caller.send(encode_frame(to_header(request->id, Progress{})));
            heard.acquire();
        }
        caller.send(encode_frame(to_header(request->id, done)));
    }};

    const auto reply = client_of(server, timeout).rewarm({}, [&](const Progress&) { heard.release(); });

    ASSERT_TRUE(reply) << reply.error().error.message;
    EXPECT_EQ(*reply, done);
}

TEST(Client, ARewarmThatStopsMovingTimesOut)
{
    TestServer server{[](Caller& caller, int) {
        const auto request = caller.next();
        ASSERT_TRUE(request);
        caller.send(encode_frame(to_header(request->id, Progress{})));
        while (caller.next()) {
        }
    }};
    int heard = 0;

    const auto reply = client_of(server, milliseconds{50}).rewarm({}, [&](const Progress&) { ++heard; });

    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().link, LinkFault::timed_out);
    EXPECT_EQ(heard, 1);
}

TEST(Client, ARewarmThatFailsMidwayIsTheDaemonsOwnError)
{
    const Error lost{ErrorType::internal, "replica 0 ended", {}};
    TestServer server{[&](Caller& caller, int) {
        const auto request = caller.next();
        ASSERT_TRUE(request);
        caller.send(encode_frame(to_header(request->id, Progress{})));
        caller.send(encode_frame(to_header(request->id, lost)));
    }};

    const auto reply = client_of(server).rewarm({}, [](const Progress&) {});

    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().link, std::nullopt);
    EXPECT_EQ(reply.error().error, lost);
}

// Sends one message after another, each after the one before was heard, until the client leaves.
TestServer::Script telling(std::counting_semaphore<>& heard, std::chrono::steady_clock::duration span)
{
    return [&heard, span](Caller& caller, int) {
        const auto request = caller.next();
        ASSERT_TRUE(request);
        EXPECT_EQ(std::get<SubscribeRequest>(request->operation).interval, milliseconds{200});
        const auto begun = std::chrono::steady_clock::now();
        SubscribeEvent event{.status = {.mono_us = 1}, .history = {Sample{.mono_us = 7}}};
        while (std::chrono::steady_clock::now() < begun + span) {
            caller.send(encode_frame(to_header(request->id, event)));
            heard.acquire();
            event = {.status = {.mono_us = event.status.mono_us + 1}, .history = {}};
        }
    };
}

TEST(Client, HearsOneStatusAfterAnotherUntilItHasEnough)
{
    TestServer server{[](Caller& caller, int connection) {
        const auto request = caller.next();
        ASSERT_TRUE(request);
        if (connection == 1)
            return caller.answer(*request);
        for (std::uint64_t at = 1; at <= 3; ++at)
            caller.send(encode_frame(to_header(
                request->id,
                SubscribeEvent{.status = {.mono_us = at},
                               .history = at == 1 ? std::vector<Sample>(2) : std::vector<Sample>()})));
        EXPECT_FALSE(caller.next()) << "it hangs up";
    }};
    auto client = client_of(server);
    std::vector<SubscribeEvent> heard;

    const auto end = client.subscribe(milliseconds{1000}, [&](SubscribeEvent event) {
        heard.push_back(std::move(event));
        return heard.size() < 3;
    });

    EXPECT_TRUE(end);
    ASSERT_EQ(heard.size(), 3U);
    EXPECT_EQ(heard[0].history.size(), 2U);
    EXPECT_EQ(heard[2].status.mono_us, 3U);
    EXPECT_TRUE(client.health()) << "the next call connects again";
}

TEST(Client, ASubscriptionThatIsToldOfOutlastsTheTimeout)
{
    constexpr milliseconds timeout{300};
    std::counting_semaphore heard{0};
    std::uint64_t last = 0;
    TestServer server{telling(heard, timeout * 3)};

    const auto end =
        client_of(server, timeout).subscribe(milliseconds{200}, [&](const SubscribeEvent& event) {
            last = event.status.mono_us;
            heard.release();
            return true;
        });

    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().link, LinkFault::closed) << "the server left, and is not asked again";
    EXPECT_GE(last, 2U);
}

TEST(Client, AnInterruptedCallEndsAtOnce)
{
    std::promise<void> asked;
    TestServer server{[&](Caller& caller, int) {
        (void)caller.next();
        asked.set_value();
        (void)caller.next();
    }};
    auto client = client_of(server, std::chrono::hours{1});
    std::jthread other{[&] {
        asked.get_future().get();
        client.interrupt();
    }};

    const auto end = client.subscribe(milliseconds{1000}, [](const SubscribeEvent&) { return true; });
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().link, LinkFault::interrupted);
}

TEST(Client, ASubscriptionThatFallsSilentTimesOut)
{
    TestServer server{[](Caller& caller, int) {
        const auto request = caller.next();
        ASSERT_TRUE(request);
        caller.send(encode_frame(to_header(request->id, SubscribeEvent{})));
        while (caller.next()) {
        }
    }};
    int heard = 0;

    const auto end =
        client_of(server, milliseconds{50}).subscribe(milliseconds{100}, [&](const SubscribeEvent&) {
            return ++heard > 0;
        });

    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().link, LinkFault::timed_out);
    EXPECT_EQ(heard, 1);
}

TEST(Client, ASubscriptionThatIsRefusedOrCannotBeReadSaysSo)
{
    const Error full{ErrorType::overloaded, "the connections are full", 120};
    const auto end_of = [](const std::function<std::string(const Id&)>& header) {
        TestServer server{[&](Caller& caller, int) {
            if (const auto request = caller.next())
                caller.send(encode_frame(header(request->id)));
        }};
        return client_of(server).subscribe(milliseconds{100}, [](const SubscribeEvent&) { return true; });
    };

    const auto refused = end_of([&](const Id& id) { return to_header(id, full); });
    const auto unread = end_of([](const Id&) { return R"({"id":1,"ok":true,"more":true,"status":5})"; });

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error, full);
    ASSERT_FALSE(unread);
    EXPECT_EQ(unread.error().link, LinkFault::malformed);
}

TEST(FirstReachable, IsTheFirstThatAnswers)
{
    TestServer server{answer_all};
    const std::vector<std::filesystem::path> candidates{"/tmp/embedd-nobody/s", server.path()};

    EXPECT_EQ(*first_reachable(candidates), server.path());
    const auto none = first_reachable(std::span{candidates}.first(1));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().link, LinkFault::unreachable);
}

} // namespace
} // namespace embedd::ipc
