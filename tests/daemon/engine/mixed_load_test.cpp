#include "tests/daemon/engine/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

// 10,000 texts in two requests, over and over.
Client::Habits bulk(Owner owner)
{
    return {.owner = owner, .shortest = 80, .longest = 120, .texts = 5000, .requests = 2};
}

struct Beside {
    const char* name;
    std::vector<Client::Habits> others;
};

// Shown by name where a test fails.
void PrintTo(const Beside& beside, std::ostream* out)
{
    *out << beside.name;
}

class Interactive : public testing::TestWithParam<Beside> {
protected:
    static std::chrono::microseconds p99(Client::Habits habits, const std::vector<Client::Habits>& others)
    {
        Simulation simulation;
        std::vector<std::unique_ptr<Client>> clients;
        for (const auto& other : others)
            clients.push_back(std::make_unique<Client>(simulation, other));
        simulation.run(1s);
        const Client client(simulation, habits);
        simulation.run(60s);
        return client.percentile(0.99);
    }
};

TEST_P(Interactive, InAClosedLoopWaitsForOneBatchOfOthersAtMost)
{
    const Client::Habits one_text{.owner = {1000, 1}};

    const auto alone = p99(one_text, {});

    EXPECT_LT(p99(one_text, GetParam().others), 3 * alone + Simulation::full_batch);
}

TEST_P(Interactive, EveryTwentyMillisecondsWaitsForOneBatchOfOthersAtMost)
{
    const Client::Habits one_text{.owner = {1000, 1}, .every = 20ms};

    const auto alone = p99(one_text, {});

    EXPECT_LT(p99(one_text, GetParam().others), 3 * alone + Simulation::full_batch);
}

auto with_priority_batch(Client::Habits habits)
{
    habits.priority = ipc::Priority::batch;
    return habits;
}

INSTANTIATE_TEST_SUITE_P(
    Beside, Interactive,
    testing::Values(Beside{"BulkOfTheSameUid", {bulk({1000, 2})}},
                    Beside{"BulkOfAnotherUid", {bulk({1001, 2})}},
                    Beside{"BulkOfTwoOthers", {bulk({1001, 2}), bulk({1002, 3})}},
                    Beside{"BulkOfBothUids", {bulk({1000, 2}), bulk({1001, 3})}},
                    Beside{"BulkOfPriorityBatch", {with_priority_batch(bulk({1000, 2}))}},
                    Beside{"BulkOfBothPriorities", {bulk({1000, 2}), with_priority_batch(bulk({1000, 3}))}}),
    [](const auto& beside) { return beside.param.name; });

// The share of the tokens that the first connection got of its own and the second's, in each second of
// twenty: the furthest from a half.
double most_unequal(Client::Habits one, Client::Habits other)
{
    Simulation simulation;
    const Client first(simulation, one), second(simulation, other);
    simulation.run(21s);
    double most = 0.5;
    for (auto from = Clock::time_point(1s); from < simulation.now; from += 1s) {
        const auto tokens = [&](const Client::Habits& habits) {
            return static_cast<double>(simulation.computed(habits.owner.connection, from, from + 1s));
        };
        const double share = tokens(one) / (tokens(one) + tokens(other));
        if (std::abs(share - 0.5) > std::abs(most - 0.5))
            most = share;
    }
    return most;
}

constexpr double five_percent = 0.5 * 0.05;

Client::Habits backlog(Owner owner, std::uint32_t shortest, std::uint32_t longest)
{
    return {.owner = owner, .shortest = shortest, .longest = longest, .texts = 2000, .requests = 2};
}

TEST(Shares, OfTwoConnectionsAreEqualInAnySecond)
{
    EXPECT_NEAR(most_unequal(backlog({1000, 1}, 80, 120), backlog({1000, 2}, 80, 120)), 0.5, five_percent);
}

TEST(Shares, OfTwoUidsAreEqualInAnySecond)
{
    EXPECT_NEAR(most_unequal(backlog({1000, 1}, 80, 120), backlog({1001, 2}, 80, 120)), 0.5, five_percent);
}

TEST(Shares, OfFewLongTextsAndManyShortOnesAreEqual)
{
    EXPECT_NEAR(most_unequal(backlog({1000, 1}, 200, 256), backlog({1000, 2}, 6, 12)), 0.5, five_percent);
    EXPECT_NEAR(most_unequal(backlog({1000, 1}, 200, 256), backlog({1001, 2}, 6, 12)), 0.5, five_percent);
}

TEST(Shares, OfOneLargeJobAndManySmallRequestsAreEqual)
{
    const Client::Habits small{.owner = {1000, 2}, .shortest = 20, .longest = 60, .requests = 64};

    EXPECT_NEAR(most_unequal(backlog({1000, 1}, 80, 120), small), 0.5, five_percent);
}

class ManyOfOneUid : public testing::TestWithParam<Client::Habits> {};

TEST_P(ManyOfOneUid, GetNoMoreThanOneOfAnother)
{
    Simulation simulation;
    std::vector<std::unique_ptr<Client>> many;
    for (std::uint64_t connection = 1; connection <= 50; ++connection) {
        auto habits = GetParam();
        habits.owner = {1000, connection};
        many.push_back(std::make_unique<Client>(simulation, habits));
    }
    const Client one(simulation, backlog({1001, 99}, 80, 120));

    simulation.run(20s);

    const auto of_one = static_cast<double>(simulation.computed(99, Clock::time_point(1s), simulation.now));
    const auto all = static_cast<double>(simulation.computed(Clock::time_point(1s), simulation.now));
    EXPECT_NEAR(of_one / all, 0.5, five_percent);
}

INSTANTIATE_TEST_SUITE_P(
    Connections, ManyOfOneUid,
    testing::Values(Client::Habits{.shortest = 80, .longest = 120, .texts = 100, .requests = 2},
                    Client::Habits{.shortest = 100, .longest = 100},
                    Client::Habits{.shortest = 100, .longest = 100, .new_connections = true}));

TEST(PriorityBatch, HasAnEighthBesideInteractiveWorkThatWouldFillTheDevice)
{
    Simulation simulation;
    std::vector<std::unique_ptr<Client>> interactive;
    for (std::uint64_t connection = 1; connection <= 64; ++connection)
        interactive.push_back(std::make_unique<Client>(
            simulation, Client::Habits{.owner = {1000, connection}, .shortest = 10, .longest = 200}));
    const Client patient(simulation, with_priority_batch(bulk({1001, 99})));

    simulation.run(30s);

    const auto of_batch = static_cast<double>(simulation.computed(99, Clock::time_point(1s), simulation.now));
    const auto all = static_cast<double>(simulation.computed(Clock::time_point(1s), simulation.now));
    EXPECT_NEAR(of_batch / all, 0.125, 0.0125);
}

TEST(Newcomers, DoNotStarveALargeJobOfTheirUidHoweverManyTheyAre)
{
    Simulation simulation;
    const Client flood(simulation, {.owner = {1000, 1},
                                    .shortest = 50,
                                    .longest = 50,
                                    .every = 1200us, // three times what the device computes
                                    .random = true,
                                    .new_connections = true,
                                    .timeout = 500ms});
    const Client one(simulation, bulk({1000, 99}));

    simulation.run(20s);

    const auto of_one = static_cast<double>(simulation.computed(99, Clock::time_point(1s), simulation.now));
    const auto all = static_cast<double>(simulation.computed(Clock::time_point(1s), simulation.now));
    EXPECT_GT(of_one / all, 0.05);
}

double tokens_a_second(std::uint32_t shortest, std::uint32_t longest, std::size_t clients,
                       Client::Habits habits)
{
    Simulation simulation;
    std::vector<std::unique_ptr<Client>> all;
    habits.shortest = shortest;
    habits.longest = longest;
    for (std::uint64_t connection = 1; connection <= clients; ++connection) {
        habits.owner.connection = connection;
        all.push_back(std::make_unique<Client>(simulation, habits));
    }
    simulation.run(20s);
    return static_cast<double>(simulation.computed(Clock::time_point(1s), simulation.now)) / 19;
}

TEST(Throughput, OfManyClientsWithOneTextEachIsNearlyThatOfOneWhoseBatchesAreFull)
{
    constexpr std::pair<std::uint32_t, std::uint32_t> short_texts{16, 16}, mixed{10, 200},
        long_texts{180, 256};
    for (const auto& [shortest, longest] : {short_texts, mixed, long_texts}) {
        const double full = tokens_a_second(shortest, longest, 1, {.texts = 4096, .requests = 2});

        const double many = tokens_a_second(shortest, longest, 64, {});

        EXPECT_GT(many, 0.95 * full) << shortest << " to " << longest << " tokens";
    }
}

} // namespace
} // namespace embedd::daemon
