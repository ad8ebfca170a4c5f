#include "daemon/scheduler.hpp"
#include "tests/daemon/engine/ladder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

namespace embedd::daemon {
namespace {

constexpr Clock::time_point t0{};

struct Queue {
    Queue() { scheduler.calibrate(ladder(), 512); }

    JobId add(Owner owner, std::vector<std::uint32_t> lengths,
              ipc::Priority priority = ipc::Priority::interactive)
    {
        const QueuedJob job{.id = next, .owner = owner, .priority = priority, .lengths = std::move(lengths)};
        EXPECT_TRUE(scheduler.push(job, t0, 1));
        owners[next] = owner;
        return next++;
    }

    // Tokens each uid was given in so many batches.
    std::map<uid_t, std::uint64_t> served(int batches)
    {
        std::map<uid_t, std::uint64_t> tokens;
        for (int i = 0; i < batches; ++i) {
            const auto batch = scheduler.next_batch();
            for (const auto& part : batch->parts)
                tokens[owners.at(part.job).uid] += part.tokens;
        }
        return tokens;
    }

    Scheduler scheduler{10'000'000};
    std::map<JobId, Owner> owners;
    JobId next = 1;
};

std::vector<std::uint32_t> random_lengths(std::size_t count, std::uint32_t from, std::uint32_t to,
                                          unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_int_distribution<std::uint32_t> length(from, to);
    std::vector<std::uint32_t> lengths(count);
    for (auto& each : lengths)
        each = length(random);
    return lengths;
}

TEST(Fairness, TwoUidsThatAskTheSameGetTheSameShareOfTokens)
{
    Queue queue;
    queue.add({1000, 1}, random_lengths(4000, 5, 250, 1));
    queue.add({1001, 2}, random_lengths(4000, 5, 250, 2));

    auto tokens = queue.served(400);

    EXPECT_NEAR(static_cast<double>(tokens[1000]) / static_cast<double>(tokens[1001]), 1, 0.05);
}

TEST(Fairness, ShortTextsGetAsManyTokensAsLongOnes)
{
    Queue queue;
    queue.add({1000, 1}, std::vector<std::uint32_t>(20'000, 8));
    queue.add({1001, 2}, std::vector<std::uint32_t>(2'000, 240));

    auto tokens = queue.served(400);

    EXPECT_NEAR(static_cast<double>(tokens[1000]) / static_cast<double>(tokens[1001]), 1, 0.05);
}

TEST(Fairness, ManyConnectionsOfOneUidBuyNothing)
{
    Queue queue;
    for (std::uint64_t connection = 1; connection <= 50; ++connection)
        queue.add({1000, connection}, random_lengths(200, 5, 250, 1));
    queue.add({1001, 99}, random_lengths(4000, 5, 250, 2));

    auto tokens = queue.served(400);

    EXPECT_NEAR(static_cast<double>(tokens[1000]) / static_cast<double>(tokens[1001]), 1, 0.05);
}

TEST(Fairness, ATextBehindTenThousandOthersIsInTheNextBatch)
{
    Queue queue;
    queue.add({1000, 1}, random_lengths(10'000, 5, 250, 1));
    (void)queue.scheduler.next_batch();

    const auto late = queue.add({1000, 2}, {12});
    const auto batch = queue.scheduler.next_batch();

    EXPECT_TRUE(std::ranges::any_of(batch->parts, [&](const Part& part) { return part.job == late; }));
}

TEST(Fairness, InteractiveGoesFirstAndBatchKeepsAnEighth)
{
    Queue queue;
    queue.add({1000, 1}, random_lengths(10'000, 5, 250, 1));
    queue.add({1001, 2}, random_lengths(10'000, 5, 250, 2), ipc::Priority::batch);

    auto tokens = queue.served(400);

    const double share = static_cast<double>(tokens[1001]) / static_cast<double>(tokens[1000] + tokens[1001]);
    EXPECT_GT(share, 0.10);
    EXPECT_LT(share, 0.20);
}

} // namespace
} // namespace embedd::daemon
