#include "daemon/processors.hpp"

#include "tests/daemon/edges/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <sched.h>

namespace embedd::daemon {
namespace {

using testing::ElementsAre;

// As /sys/devices/system/cpu shows it.
class Topology {
public:
    Topology& cpu(int number, const std::string& package, const std::string& core_cpus)
    {
        const auto place = "cpu" + std::to_string(number) + "/topology/";
        directory_.write(place + "physical_package_id", package + "\n");
        directory_.write(place + "core_cpus_list", core_cpus + "\n");
        return *this;
    }
    [[nodiscard]] std::vector<Core> cores_of(const std::vector<int>& cpus) const
    {
        return daemon::cores_of(cpus, directory_ / "");
    }

private:
    TemporaryDirectory directory_;
};

TEST(Processors, ThreadsOfOneCoreAreTogether)
{
    Topology topology;
    topology.cpu(0, "0", "0,2").cpu(1, "0", "1,3").cpu(2, "0", "0,2").cpu(3, "0", "1,3");

    EXPECT_THAT(topology.cores_of({0, 1, 2, 3}), ElementsAre(Core{0, 2}, Core{1, 3}));
    EXPECT_THAT(topology.cores_of({1, 2, 3}), ElementsAre(Core{2}, Core{1, 3})) << "only what is usable";
}

TEST(Processors, CoresOfOnePackageAreNeighbours)
{
    Topology topology;
    topology.cpu(0, "0", "0").cpu(1, "1", "1").cpu(2, "0", "2").cpu(3, "1", "3");

    EXPECT_THAT(topology.cores_of({0, 1, 2, 3}), ElementsAre(Core{0}, Core{2}, Core{1}, Core{3}));
}

TEST(Processors, AreCoresOfTheirOwnWhereTheTopologyIsNotTold)
{
    EXPECT_THAT(Topology().cores_of({4, 5}), ElementsAre(Core{4}, Core{5}));
}

TEST(Processors, AreUsableAsFarAsTheProcessMayRunOnThem)
{
    cpu_set_t before;
    ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
    const auto all = usable_cpus();
    ASSERT_EQ(all.size(), static_cast<std::size_t>(CPU_COUNT(&before)));

    cpu_set_t last;
    CPU_ZERO(&last);
    CPU_SET(static_cast<unsigned>(all.back()), &last);
    ASSERT_EQ(::sched_setaffinity(0, sizeof last, &last), 0);
    const auto left = usable_cpus();
    ::sched_setaffinity(0, sizeof before, &before);

    EXPECT_THAT(left, ElementsAre(all.back()));
}

} // namespace
} // namespace embedd::daemon
