#include "console/presentation/state_view.hpp"

#include <gtest/gtest.h>

namespace embedd::console {
namespace {

TEST(StateView, HasAWordForEveryStateOfTheDaemon)
{
    EXPECT_EQ(state_view("ready"), (StateView{"READY", Tone::good}));
    EXPECT_EQ(state_view("warming"), (StateView{"WARMING UP", Tone::busy}));
    EXPECT_EQ(state_view("rewarming"), (StateView{"RE-WARMING", Tone::busy}));
    EXPECT_EQ(state_view("degraded"), (StateView{"DEGRADED", Tone::attention}));
    EXPECT_EQ(state_view("draining"), (StateView{"DRAINING", Tone::idle}));
    EXPECT_EQ(state_view("failed"), (StateView{"FAILED", Tone::failed}));
}

TEST(StateView, HasAWordForEveryStateOfAReplica)
{
    EXPECT_EQ(replica_state_view("busy"), (StateView{"BUSY", Tone::good}));
    EXPECT_EQ(replica_state_view("warming"), (StateView{"WARMING", Tone::busy}));
    EXPECT_EQ(replica_state_view("dead"), (StateView{"DEAD", Tone::failed}));
}

TEST(StateView, ShowsAStateItDoesNotKnowByItsName)
{
    EXPECT_EQ(state_view("napping"), (StateView{"NAPPING", Tone::unknown}));
    EXPECT_EQ(state_view(""), (StateView{"UNKNOWN", Tone::unknown}));
    EXPECT_EQ(state_view("\x1b[31m"), (StateView{"\\x1B[31M", Tone::unknown}));
    EXPECT_EQ(state_view("a state with a name that never ends").word, "A STATE WITH A N");
}

} // namespace
} // namespace embedd::console
