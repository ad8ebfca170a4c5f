#include "tests/daemon/engine/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

using Clients = std::vector<std::unique_ptr<Client>>;

// Requests of one short text, of eight and of twenty-four, each sort the same share of so many times what the
// device computes, from four uids at random times, all to be answered within a second.
void add_load(Clients& clients, Simulation& simulation, double times, Clock::duration lasts,
              bool new_connections)
{
    const std::vector<Client::Habits> sorts{
        {.shortest = 8, .longest = 40},
        {.shortest = 8, .longest = 40, .new_connections = new_connections},
        {.shortest = 20, .longest = 200, .texts = 8},
        {.shortest = 20, .longest = 200, .texts = 8, .new_connections = new_connections},
        {.shortest = 60, .longest = 140, .texts = 24},
    };
    constexpr uid_t uids = 4;
    const double share = times * Simulation::tokens_per_ms / static_cast<double>(sorts.size() * uids);
    for (auto habits : sorts) {
        const auto tokens = static_cast<double>(habits.texts * (habits.shortest + habits.longest)) / 2;
        habits.every = std::chrono::microseconds(static_cast<std::int64_t>(1000 * tokens / share));
        habits.random = true;
        habits.timeout = 1s;
        habits.until = simulation.now + lasts;
        for (uid_t uid = 1000; uid < 1000 + uids; ++uid) {
            habits.owner = {uid, clients.size() + 1};
            clients.push_back(std::make_unique<Client>(simulation, habits));
        }
    }
}

struct Sums {
    std::size_t refused = 0, told_when = 0, accepted = 0, in_time = 0;
};

Sums sums(const Clients& clients, Clock::time_point from)
{
    Sums sum;
    for (const auto& client : clients) {
        for (const auto& [sent, tokens, outcome] : client->past) {
            if (sent < from)
                continue;
            sum.accepted += outcome.refused ? 0 : 1;
            sum.in_time += outcome.answered() && outcome.took <= 1s ? 1 : 0;
            sum.refused += outcome.refused ? 1 : 0;
            sum.told_when += outcome.refused && outcome.refused->type == ipc::ErrorType::overloaded &&
                                     outcome.refused->retry_after_ms
                                 ? 1
                                 : 0;
        }
    }
    return sum;
}

// True where some requests come on a new connection each.
class Overload : public testing::TestWithParam<bool> {};

TEST_P(Overload, BreaksNoPromiseAndIsForgottenWithinASecond)
{
    Simulation simulation;
    Clients normal, overload;
    add_load(normal, simulation, 0.5, 67s, GetParam());
    simulation.run(1s);
    add_load(overload, simulation, 2.5, 60s, GetParam());

    simulation.run(60s);
    const auto during = sums(overload, Clock::time_point{});
    const auto most_waiting = simulation.most_waiting;
    simulation.most_waiting = 0;
    simulation.run(1s);
    const auto back = simulation.now;
    const auto emptied = simulation.last_empty;
    simulation.run(5s);
    const auto later = sums(normal, back);

    EXPECT_GT(during.refused, 1000U);
    EXPECT_EQ(during.told_when, during.refused);
    EXPECT_GE(static_cast<double>(during.in_time), 0.99 * static_cast<double>(during.accepted));
    EXPECT_LE(most_waiting, static_cast<std::uint64_t>(1000 * Simulation::tokens_per_ms));
    EXPECT_GT(simulation.computed(Clock::time_point(1s), Clock::time_point(61s)),
              static_cast<std::uint64_t>(0.8 * 60'000 * Simulation::tokens_per_ms));

    EXPECT_GT(emptied, Clock::time_point(61s));
    EXPECT_LE(later.refused, later.accepted / 100);
    EXPECT_EQ(later.in_time, later.accepted);
}

INSTANTIATE_TEST_SUITE_P(Connections, Overload, testing::Bool(),
                         [](const auto& some) { return some.param ? "SomeNew" : "ThatStay"; });

// Of five texts within a second, beside what 64 clients sent at once: 64,000 tokens, 4.6 seconds of work.
std::optional<ipc::Error> asked_after(Simulation& simulation, Clock::duration span)
{
    simulation.run(span);
    std::optional<ipc::Error> refused;
    const QueuedJob job{.owner = {1001, 99}, .deadline = simulation.now + 1s, .lengths = Lengths(5, 100)};
    simulation.submit(job, [&](const Outcome& outcome) { refused = outcome.refused; });
    return refused;
}

struct Burst {
    Burst()
    {
        for (std::uint64_t connection = 1; connection <= 64; ++connection)
            simulation.submit(
                {.owner = {2000 + static_cast<uid_t>(connection), connection}, .lengths = Lengths(10, 100)},
                [](const Outcome&) {});
        simulation.at(simulation.now, [] {});
    }
    Simulation simulation;
};

TEST(RetryAfter, IsWhenTheRequestIsMostlyAcceptedAndNotMuchLater)
{
    int accepted = 0, accepted_earlier = 0;
    for (auto sent = 100ms; sent <= 2000ms; sent += 100ms) {
        Burst burst, same;
        const auto refused = asked_after(burst.simulation, sent);
        ASSERT_TRUE(refused);
        const std::chrono::milliseconds wait(*refused->retry_after_ms);

        accepted += asked_after(burst.simulation, wait) ? 0 : 1;
        accepted_earlier += asked_after(same.simulation, sent + wait * 9 / 10) ? 0 : 1;
    }

    EXPECT_GE(accepted, 16);
    EXPECT_LE(accepted_earlier, 4);
}

} // namespace
} // namespace embedd::daemon
