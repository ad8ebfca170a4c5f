#include "bench/lengths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace embedd::bench {
namespace {

// As the ladder rounds up: multiples of 8 to 64, of 16 to 256, of 32 beyond.
std::uint64_t rung_of(std::uint64_t length)
{
    const std::uint64_t step = length <= 64 ? 8 : length <= 256 ? 16 : 32;
    return (length + step - 1) / step * step;
}

std::vector<std::uint64_t> all_lengths(const std::vector<LengthPlan>& plans)
{
    std::vector<std::uint64_t> lengths;
    for (const auto& plan : plans)
        lengths.insert(lengths.end(), plan.unseen.begin(), plan.unseen.end());
    return lengths;
}

TEST(Lengths, AreTwelveWithFiveDrawsEach)
{
    const auto plans = plan_lengths({.longest = 256});

    EXPECT_EQ(plans.size(), 12U);
    EXPECT_EQ(all_lengths(plans).size(), 60U);
}

TEST(Lengths, AreNoMultiplesOfEightAndWithinTheModel)
{
    for (const auto length : all_lengths(plan_lengths({.longest = 510}))) {
        EXPECT_NE(length % 8, 0U);
        EXPECT_LE(length, 510U);
    }
}

TEST(Lengths, OfAPlanAreDifferentAndShareARung)
{
    for (const auto& plan : plan_lengths({.longest = 512})) {
        std::set<std::uint64_t> rungs;
        for (const auto length : plan.unseen)
            rungs.insert(rung_of(length));

        EXPECT_THAT(rungs, testing::SizeIs(1));
        EXPECT_EQ(std::set(plan.unseen.begin(), plan.unseen.end()).size(), plan.unseen.size());
    }
}

TEST(Lengths, OfTwoPlansNeverShareARungSoThatEachFirstDrawIsTheRungsFirst)
{
    std::multiset<std::uint64_t> rungs;
    for (const auto& plan : plan_lengths({.longest = 512}))
        rungs.insert(rung_of(plan.length()));

    EXPECT_EQ(std::set(rungs.begin(), rungs.end()).size(), rungs.size());
}

TEST(Lengths, AreTheSameForTheSameSeedAndOthersForAnother)
{
    const auto lengths = [](std::uint64_t seed) {
        return all_lengths(plan_lengths({.longest = 256, .seed = seed}));
    };

    EXPECT_EQ(lengths(1), lengths(1));
    EXPECT_NE(lengths(1), lengths(2));
}

TEST(Lengths, AreFewerForAModelThatTakesLittle)
{
    const auto plans = plan_lengths({.longest = 10});

    EXPECT_THAT(all_lengths(plans),
                testing::UnorderedElementsAre(testing::Le(7), testing::Le(7), testing::Le(7), testing::Le(7),
                                              testing::Le(7), testing::AnyOf(9, 10), testing::AnyOf(9, 10)));
}

} // namespace
} // namespace embedd::bench
