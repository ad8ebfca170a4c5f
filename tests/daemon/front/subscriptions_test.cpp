#include "daemon/sample_history.hpp"
#include "daemon/subscriptions.hpp"
#include "ipc/subscription.hpp"

#include <gtest/gtest.h>

#include <array>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point begun{1h};
constexpr Caller admin{.owner = {.uid = 0}, .admin = true, .name = {}};

// Statuses that are numbered as they are made; what each client was told.
class SubscriptionsTest : public testing::Test {
protected:
    struct Client {
        bool reads = true;
        std::vector<ipc::SubscribeEvent> heard;
        std::vector<ByteBudget::Reservation> unread; // what it was told and did not take yet
        std::shared_ptr<Call> call;
    };

    void subscribe(Client& client, std::chrono::milliseconds interval, const Caller& caller = admin)
    {
        client.call = all.begin(
            caller, std::uint64_t{1}, interval,
            [&client](CallOutcome outcome) {
                EXPECT_TRUE(outcome.more);
                if (!client.reads)
                    return false;
                client.heard.push_back(*ipc::parse_subscribe_event(outcome.frame.header));
                client.unread.push_back(std::move(outcome.memory));
                return true;
            },
            begun);
    }

    // Lets time pass, moment by moment.
    void pass(Clock::duration span)
    {
        const auto until = now + span;
        while (all.next() && *all.next() <= until)
            all.tell(now = *all.next());
        now = until;
    }

    static std::vector<std::uint64_t> numbers(const Client& client)
    {
        std::vector<std::uint64_t> heard;
        for (const auto& event : client.heard)
            heard.push_back(event.status.mono_us);
        return heard;
    }

    Clock::time_point now = begun;
    std::uint64_t made = 0;
    ByteBudget memory{64 << 20};
    SampleHistory history;
    Operations::Report report = [this](const Caller&) { return ipc::Status{.mono_us = ++made}; };
    Subscriptions all{{.memory = memory, .report = report, .history = history}};
};

TEST_F(SubscriptionsTest, TellsAtOnceAndThenEachInterval)
{
    Client client;

    subscribe(client, 1s);
    EXPECT_EQ(client.heard.size(), 1U);
    EXPECT_EQ(all.next(), begun + 1s);
    pass(10s);

    EXPECT_EQ(numbers(client), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST_F(SubscriptionsTest, MeetAtTheMultiplesOfTheirIntervalsNeverTwiceAtAlmostTheSameTime)
{
    Client client;
    client.call = all.begin(admin, std::uint64_t{1}, 1s, [](CallOutcome) { return true; }, begun + 600ms);
    EXPECT_EQ(all.next(), begun + 2s);

    Client other;
    other.call = all.begin(admin, std::uint64_t{1}, 1s, [](CallOutcome) { return true; }, begun + 400ms);

    EXPECT_EQ(all.next(), begun + 1s);
}

TEST_F(SubscriptionsTest, MakesOneStatusForAllWhoSeeTheSame)
{
    std::array<Client, 50> admins, users;
    for (auto& client : admins)
        subscribe(client, 1s);
    for (auto& client : users)
        subscribe(client, 500ms, {.owner = {.uid = 1000}, .name = {}});
    made = 0;

    pass(10s);

    EXPECT_EQ(made, 10U + 20U);
    for (const auto& client : admins)
        EXPECT_EQ(client.heard.size(), 11U);
    for (const auto& client : users)
        EXPECT_EQ(client.heard.size(), 21U);
}

TEST_F(SubscriptionsTest, TellsSomeAtATime)
{
    std::array<Client, Subscriptions::told_at_a_time + 1> clients;
    for (auto& client : clients)
        subscribe(client, 1s);

    all.tell(begun + 1s);
    EXPECT_EQ(all.next(), begun + 1s);
    all.tell(begun + 1001ms);

    EXPECT_EQ(all.next(), begun + 2s);
    for (const auto& client : clients)
        EXPECT_EQ(client.heard.size(), 2U);
    EXPECT_EQ(made, clients.size() + 1);
}

TEST_F(SubscriptionsTest, SkipsWhatItIsTooLateFor)
{
    Client client;
    subscribe(client, 1s);

    all.tell(begun + 4800ms);

    EXPECT_EQ(client.heard.size(), 2U);
    EXPECT_EQ(all.next(), begun + 6s);
}

TEST_F(SubscriptionsTest, SendsTheHistoryOnceWithTheFirstMessageThatIsTaken)
{
    history.keep({.mono_us = 5}, begun);
    Client client, slow{.reads = false};
    subscribe(client, 1s);
    subscribe(slow, 1s);
    EXPECT_EQ(client.heard[0].history, std::vector<ipc::Sample>{{.mono_us = 5}});

    pass(1s);
    EXPECT_TRUE(client.heard[1].history.empty());
    history.keep({.mono_us = 6}, begun + 1s);
    slow.reads = true;
    pass(2s);

    ASSERT_EQ(slow.heard.size(), 2U);
    EXPECT_EQ(slow.heard[0].history.size(), 2U);
    EXPECT_TRUE(slow.heard[1].history.empty());
    EXPECT_EQ(slow.heard[1].status, client.heard.back().status);
}

TEST_F(SubscriptionsTest, MissMessagesThereIsNoMemoryForAndGetNewOnesLater)
{
    ByteBudget::Reservation others(memory, 1000, ByteBudget::Use::request);
    ASSERT_TRUE(others.grow_to(56 << 20));
    Client client;
    subscribe(client, 1s);
    pass(5000s);
    const auto heard = client.heard.size();
    EXPECT_LT(heard, 5000U);

    client.unread.clear();
    pass(1s);

    EXPECT_EQ(client.heard.size(), heard + 1);
    EXPECT_EQ(client.heard.back().status.mono_us, made);
}

TEST_F(SubscriptionsTest, EndWhenTheyAreAbandoned)
{
    Client client, other;
    subscribe(client, 1s);
    subscribe(other, 10s);

    client.call->abandon();
    EXPECT_EQ(all.next(), begun + 10s);
    other.call->abandon();

    EXPECT_EQ(all.next(), std::nullopt);
    EXPECT_EQ(client.heard.size(), 1U);
}

} // namespace
} // namespace embedd::daemon
