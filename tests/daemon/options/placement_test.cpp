#include "daemon/placement.hpp"

#include <gmock/gmock.h>

namespace embedd::daemon {
namespace {

using testing::ElementsAre;

// Each runs two threads.
const std::vector<Core> four_cores{{0, 4}, {1, 5}, {2, 6}, {3, 7}};

Options replicas(std::uint32_t count, std::vector<std::string> devices = {"auto"})
{
    Options options;
    options.replicas = count;
    options.devices = std::move(devices);
    return options;
}

TEST(Placement, LeavesASingleReplicaWhereverTheDaemonMayRun)
{
    EXPECT_THAT(place_replicas(replicas(1), four_cores), ElementsAre(Placement{"auto", {}}));
}

TEST(Placement, GivesReplicasOnTheCpuWholeCoresBesideEachOther)
{
    EXPECT_THAT(place_replicas(replicas(2, {"cpu"}), four_cores),
                ElementsAre(Placement{"cpu", {0, 4, 1, 5}}, Placement{"cpu", {2, 6, 3, 7}}));
}

TEST(Placement, LeavesNoCoreOutWhereTheyCannotBeSharedEvenly)
{
    EXPECT_THAT(
        place_replicas(replicas(3), four_cores),
        ElementsAre(Placement{"auto", {0, 4}}, Placement{"auto", {1, 5}}, Placement{"auto", {2, 6, 3, 7}}));
}

TEST(Placement, SplitsCoresOnlyWhereThereAreMoreReplicasThanCores)
{
    const std::vector<Core> one_core{{0, 1}};

    EXPECT_THAT(place_replicas(replicas(2), one_core),
                ElementsAre(Placement{"auto", {0}}, Placement{"auto", {1}}));
}

TEST(Placement, PinsNobodyWhereThereAreMoreReplicasThanCpus)
{
    for (const auto& place : place_replicas(replicas(9), four_cores))
        EXPECT_EQ(place, (Placement{"auto", {}}));
    EXPECT_THAT(place_replicas(replicas(2), {}), ElementsAre(Placement{"auto", {}}, Placement{"auto", {}}));
}

TEST(Placement, PinsNobodyWhereTheOperatorDoesNotWantIt)
{
    auto options = replicas(2);
    options.cpu_pinning = false;

    EXPECT_THAT(place_replicas(options, four_cores),
                ElementsAre(Placement{"auto", {}}, Placement{"auto", {}}));
}

TEST(Placement, PutsSoManyReplicasOnEachDeviceOfAListAndPinsNone)
{
    EXPECT_THAT(place_replicas(replicas(2, {"cuda:0", "cuda:3"}), four_cores),
                ElementsAre(Placement{"cuda:0", {}}, Placement{"cuda:3", {}}, Placement{"cuda:0", {}},
                            Placement{"cuda:3", {}}));
}

TEST(Placement, DealsSoManyReplicasInAllOverSharedDevices)
{
    auto options = replicas(3, {"cuda:0", "cuda:1"});
    options.gpu_assignment = GpuAssignment::shared;

    EXPECT_THAT(place_replicas(options, four_cores),
                ElementsAre(Placement{"cuda:0", {}}, Placement{"cuda:1", {}}, Placement{"cuda:0", {}}));
}

} // namespace
} // namespace embedd::daemon
