#include "bench/shapes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace embedd::bench {
namespace {

using std::chrono::microseconds;
using namespace std::chrono_literals;

// What a warm pass costs here: a microsecond a token.
microseconds warm(const Shape& shape)
{
    microseconds took{};
    for (const auto tokens : shape)
        took += microseconds{tokens};
    return took;
}

TEST(Shapes, HaveOneToSixteenInputsOfThreeTokensToTheModelsLongest)
{
    Shapes shapes{256, 1};

    for (int i = 0; i < 500; ++i) {
        const auto shape = shapes.next();
        EXPECT_THAT(shape, testing::SizeIs(testing::AllOf(testing::Ge(1), testing::Le(16))));
        EXPECT_THAT(shape, testing::Each(testing::AllOf(testing::Ge(3), testing::Le(256))));
    }
}

TEST(Shapes, AreLogUniformSoThatAsManyAreShorterThanTheGeometricMeanAsLonger)
{
    Shapes shapes{300, 1};
    std::vector<std::uint64_t> lengths;
    while (lengths.size() < 10'000)
        for (const auto tokens : shapes.next())
            lengths.push_back(tokens);

    const auto shorter = std::count_if(lengths.begin(), lengths.end(), [](auto n) { return n < 30; });

    EXPECT_NEAR(static_cast<double>(shorter) / static_cast<double>(lengths.size()), 0.5, 0.03);
}

TEST(Shapes, ReachBothEnds)
{
    Shapes shapes{40, 1};
    std::set<std::uint64_t> lengths;
    for (int i = 0; i < 1000; ++i)
        for (const auto tokens : shapes.next())
            lengths.insert(tokens);

    EXPECT_EQ(*lengths.begin(), 3U);
    EXPECT_EQ(*lengths.rbegin(), 40U);
}

TEST(Shapes, AreTheSameForTheSameSeed)
{
    Shapes one{256, 5};
    Shapes other{256, 5};

    EXPECT_EQ(one.next(), other.next());
}

TEST(MeasuredShapes, OfAWarmServiceHaveNoSlowOne)
{
    const auto times = measure_shapes(Shapes{256, 1}, 1000, warm);

    EXPECT_EQ(times.first.count(), 1000U);
    EXPECT_EQ(times.slow, 0U);
}

TEST(MeasuredShapes, CountEveryColdOneEvenWhereNearlyAllAre)
{
    std::set<Shape> seen;

    const auto times = measure_shapes(Shapes{256, 1}, 1000, [&](const Shape& shape) {
        return seen.insert(shape).second ? 3 * warm(shape) : warm(shape);
    });

    EXPECT_EQ(times.first.count(), 1000U);
    EXPECT_GT(times.slow, 950U); // the shortest shapes come again
}

TEST(MeasuredShapes, DoNotCallSlowWhatIsDearEachTime)
{
    const auto dear = [](const Shape& shape) { return shape.size() == 7 ? 10 * warm(shape) : warm(shape); };

    EXPECT_EQ(measure_shapes(Shapes{256, 1}, 1000, dear).slow, 0U);
}

TEST(SizeClasses, DoubtWhatTheyDoNotKnowAndWhatIsHalfAsLongAgainAsTheMedian)
{
    SizeClasses classes;
    EXPECT_TRUE(classes.doubtful({100}, 100us));

    for (int i = 0; i < 5; ++i)
        classes.record({100}, 100us);

    EXPECT_FALSE(classes.doubtful({100}, 150us));
    EXPECT_FALSE(classes.doubtful({50, 50}, 150us));
    EXPECT_TRUE(classes.doubtful({100}, 151us));
    EXPECT_TRUE(classes.doubtful({200}, 100us));
}

} // namespace
} // namespace embedd::bench
