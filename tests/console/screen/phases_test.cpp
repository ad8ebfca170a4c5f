#include "console/screen/phases.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

namespace embedd::console::screen {
namespace {

ipc::PhaseStatus phase(std::string name, std::uint64_t started_us, std::uint64_t duration_us)
{
    ipc::PhaseStatus done{.name = std::move(name), .state = "done"};
    done.started_us = started_us;
    done.duration_us = duration_us;
    done.last_time_us = duration_us * 2;
    return done;
}

// "a 3, b 5".
std::string path_of(const std::vector<ipc::PhaseStatus>& phases, std::uint64_t uptime_us = 0)
{
    std::string text;
    for (const auto& leg : critical_path(phases, uptime_us))
        text += (text.empty() ? "" : ", ") + leg.phase->name + ' ' + std::to_string(leg.us);
    return text;
}

TEST(CriticalPath, OfPhasesOneAfterAnotherIsAllOfThem)
{
    EXPECT_EQ(path_of({phase("a", 0, 3), phase("b", 3, 4), phase("c", 8, 2)}), "a 3, b 4, c 2");
    EXPECT_EQ(path_of({}), "");
    EXPECT_EQ(path_of({{.name = "pending"}}), "");
}

TEST(CriticalPath, LeavesOutWhatEndedBesideALongerPhase)
{
    EXPECT_EQ(path_of({phase("short", 0, 3), phase("long", 0, 8), phase("then", 8, 2)}), "long 8, then 2");
}

TEST(CriticalPath, GivesEachMomentOfAnOverlapToThePhaseThatEndedLater)
{
    EXPECT_EQ(path_of({phase("a", 0, 5), phase("b", 3, 5), phase("c", 8, 2)}), "a 3, b 5, c 2");
}

TEST(CriticalPath, CountsARunningPhaseUntilNow)
{
    ipc::PhaseStatus running{.name = "b", .state = "running"};
    running.started_us = 3;

    EXPECT_EQ(path_of({phase("a", 0, 3), running}, 10), "a 3, b 7");
}

TEST(CriticalPath, SeesThePartsOfAPhaseInItsPlace)
{
    auto whole = phase("whole", 0, 9);
    whole.children = {phase("one", 0, 4), phase("two", 4, 5)};

    EXPECT_EQ(path_of({whole, phase("then", 9, 1)}), "one 4, two 5, then 1");
}

TEST(CriticalPath, EndsWhateverWasSent)
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    const std::vector phases(1000, phase("same", 7, most));

    EXPECT_EQ(path_of(phases), "same " + std::to_string(most - 7));
    EXPECT_EQ(path_of({phase("last", most, most), phase("first", 0, 0)}), "first 0");
}

TEST(StartsBefore, AreSummedOverWhatThisOneWaitsFor)
{
    ipc::PhaseStatus running{.name = "b", .state = "running"};
    running.started_us = 8;
    running.last_time_us = 10;
    running.eta_us = 6;
    ipc::PhaseStatus pending{.name = "c"};
    pending.last_time_us = 5;
    std::vector phases{phase("short", 0, 3), phase("long", 0, 8), running, pending};

    EXPECT_EQ(last_start_us(phases, 12), 16 + 10 + 5);
    EXPECT_EQ(left_us(phases), 6 + 5);

    phases.back().state = "failed";
    EXPECT_EQ(last_start_us(phases, 12), std::nullopt);
    phases.back().state = "pending";
    phases.back().last_time_us.reset();
    EXPECT_EQ(last_start_us(phases, 12), std::nullopt);
    EXPECT_EQ(left_us(phases), std::nullopt);
}

} // namespace
} // namespace embedd::console::screen
