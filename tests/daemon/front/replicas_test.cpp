#include "tests/daemon/front/daemon_process.hpp"

#include <gmock/gmock.h>
#include <sched.h>

#include <algorithm>
#include <fstream>

namespace embedd::daemon {
namespace {

// "Cpus_allowed_list:\t0-3" of a process.
std::string allowed_cpus(std::uint64_t pid)
{
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("Cpus_allowed_list:"))
            return line;
    return {};
}

std::vector<std::string> cpus_of_replicas(const DaemonProcess& daemon)
{
    std::vector<std::string> cpus;
    const auto replicas = daemon.client().status()->status.replicas;
    for (const auto& replica : replicas)
        cpus.push_back(allowed_cpus(replica.pid.value_or(0)));
    return cpus;
}

bool several_cpus_usable()
{
    cpu_set_t usable;
    return ::sched_getaffinity(0, sizeof usable, &usable) == 0 && CPU_COUNT(&usable) > 1;
}

TEST(SeveralReplicas, OnTheCpuHaveCpusOfTheirOwnWhereThereAreEnough)
{
    DaemonProcess daemon({.arguments = {"--replicas", "2"}});
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto cpus = cpus_of_replicas(daemon);
    const auto everywhere = allowed_cpus(static_cast<std::uint64_t>(daemon.pid()));

    ASSERT_EQ(cpus.size(), 2U);
    EXPECT_EQ(cpus[0] != cpus[1], several_cpus_usable());
    EXPECT_EQ(cpus[0] != everywhere && cpus[1] != everywhere, several_cpus_usable());
}

TEST(SeveralReplicas, RunOnAllCpusWhereTheOperatorWantsIt)
{
    DaemonProcess daemon({.arguments = {"--replicas", "2", "--cpu-pinning", "off"}});
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_THAT(cpus_of_replicas(daemon),
                testing::Each(allowed_cpus(static_cast<std::uint64_t>(daemon.pid()))));
}

TEST(SeveralReplicas, AllServeInTheEndAndAreShownWithTheirDevice)
{
    DaemonProcess daemon({.arguments = {"--replicas", "3", "--load-balancing", "random"}});
    ASSERT_TRUE(daemon.wait_until_ready());

    auto client = daemon.client();
    EXPECT_TRUE(eventually([&] {
        const auto replicas = client.status()->status.replicas;
        return replicas.size() == 3 && std::ranges::all_of(replicas, [](const auto& replica) {
                   return replica.state == "ready" && replica.device == "cpu";
               });
    }));
    const auto phases = client.status()->status.phases;
    EXPECT_TRUE(std::ranges::none_of(phases, [](const auto& phase) { return phase.state == "running"; }));
}

TEST(SeveralReplicas, OnDevicesThatAreMissingEndTheServiceWithItsOwnCode)
{
    DaemonProcess daemon({.arguments = {"--device", "cuda:0,cuda:1"}});

    EXPECT_EQ(daemon.wait_for_exit(), 69);
}

} // namespace
} // namespace embedd::daemon
