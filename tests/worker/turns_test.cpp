#include "model/worker/turns.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

namespace embedd::model {
namespace {

TEST(Turns, BelongToOneLaneAtATime)
{
    Turns turns(4);
    std::atomic<int> holders = 0;
    std::atomic<int> most = 0;
    int taken = 0;
    {
        std::vector<std::jthread> lanes;
        for (std::size_t lane = 0; lane < 4; ++lane)
            lanes.emplace_back([&, lane] {
                for (int turn = 0; turn < 1000; ++turn) {
                    turns.wait(lane);
                    most = std::max(most.load(), ++holders);
                    ++taken;
                    --holders;
                    turns.end();
                }
            });
    }

    EXPECT_EQ(most, 1);
    EXPECT_EQ(taken, 4000);
}

TEST(Turns, AreTakenOnlyWhereFreeAndWanted)
{
    Turns turns(1);

    EXPECT_FALSE(turns.take_if([] { return false; }));
    EXPECT_TRUE(turns.take_if([] { return true; }));
    EXPECT_FALSE(turns.take_if([] { return true; }));
    turns.end();
    EXPECT_TRUE(turns.take_if([] { return true; }));
}

TEST(Turns, CallEveryLaneToSharedWorkOnceAndAtOnce)
{
    constexpr std::size_t count = 3;
    Turns turns(count);
    std::barrier together(count);
    std::vector<int> done(count);
    std::atomic<bool> over = false;
    {
        std::vector<std::jthread> others;
        for (std::size_t lane = 1; lane < count; ++lane)
            others.emplace_back([&, lane] {
                while (!over) {
                    turns.wait(lane);
                    turns.end();
                }
            });
        turns.wait(0);
        for (int work = 0; work < 100; ++work)
            turns.run_on_all([&](std::size_t place) {
                together.arrive_and_wait(); // hangs unless each lane is here at the same time
                ++done[place];
            });
        over = true;
        turns.end();
    }

    EXPECT_EQ(done, (std::vector<int>{100, 100, 100}));
}

} // namespace
} // namespace embedd::model
