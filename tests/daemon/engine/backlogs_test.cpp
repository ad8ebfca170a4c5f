#include "daemon/backlogs.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

TEST(Backlogs, ServeEachAsMuchAsOneThatAlwaysWaitsAndNoMoreThanItHas)
{
    Backlogs backlogs;
    backlogs.change(0, 10);
    backlogs.change(0, 100);
    backlogs.change(0, 1000);

    EXPECT_EQ(backlogs.served_beside(5), 5U + 5 + 5);
    EXPECT_EQ(backlogs.served_beside(50), 10U + 50 + 50);
    EXPECT_EQ(backlogs.served_beside(5000), 10U + 100 + 1000);
}

TEST(Backlogs, KnowWhatChanged)
{
    Backlogs backlogs;
    backlogs.change(0, 10);
    backlogs.change(10, 300);
    backlogs.change(0, 20);
    backlogs.change(20, 0);

    EXPECT_EQ(backlogs.served_beside(1000), 300U);
}

TEST(Backlogs, AreNeverUnderratedWhereSizesAreAlike)
{
    Backlogs backlogs;
    backlogs.change(0, 64);
    backlogs.change(0, 127);

    EXPECT_EQ(backlogs.served_beside(100), 64U + 127);
}

} // namespace
} // namespace embedd::daemon
