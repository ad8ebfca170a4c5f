#include "tests/daemon/front/daemon_process.hpp"
#include "tests/fake_worker/fake_gpu.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>

namespace embedd::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

ipc::Status status(const DaemonProcess& daemon)
{
    return daemon.client().status()->status;
}

bool all_serve(const DaemonProcess& daemon, std::size_t replicas)
{
    const auto shown = status(daemon).replicas;
    return shown.size() == replicas &&
           std::ranges::all_of(shown, [](const auto& replica) { return replica.state == "ready"; });
}

// Its entry, or one that says nothing.
ipc::DeviceStatus device(const DaemonProcess& daemon, const std::string& id)
{
    const auto devices = status(daemon).devices;
    for (const auto& device : devices)
        if (device.id == id)
            return device;
    return {};
}

// The made-up GPU, used by so many workers of ours.
ipc::DeviceStatus gpu_with(const std::string& id, std::uint64_t replicas)
{
    auto gpu = fake::gpu(id);
    gpu.other_bytes = fake::gpu_used_bytes - replicas * fake::gpu_own_bytes;
    return gpu;
}

// Two replicas on cuda:0, one on cuda:1.
const DaemonProcess::Settings three_on_two_gpus{
    .arguments = {"--device", "cuda:0,cuda:1", "--gpu-assignment", "shared", "--replicas", "3"},
    .faults = {"gpus"}};

TEST(Devices, AreShownOnceEachHoweverManyReplicasComputeThere)
{
    DaemonProcess daemon(three_on_two_gpus);
    ASSERT_TRUE(daemon.wait_until_ready());
    ASSERT_TRUE(eventually([&] { return all_serve(daemon, 3); }));

    EXPECT_TRUE(eventually([&] { return device(daemon, "cuda:0").other_bytes == fake::gib; }));

    EXPECT_THAT(status(daemon).devices, ElementsAre(gpu_with("cuda:0", 2), gpu_with("cuda:1", 1)));
}

TEST(Devices, AreToldInMetricsWithTheMemoryOfEachReplica)
{
    DaemonProcess daemon(three_on_two_gpus);
    ASSERT_TRUE(daemon.wait_until_ready());
    ASSERT_TRUE(eventually([&] { return device(daemon, "cuda:0").other_bytes == fake::gib; }));
    ASSERT_TRUE(eventually([&] { return device(daemon, "cuda:1").used_bytes.has_value(); }));

    const auto text = daemon.client().metrics()->text;

    EXPECT_THAT(text, HasSubstr("\nembedd_device_memory_other_bytes{device=\"cuda:0\"} 1.07374182e+09\n"));
    EXPECT_THAT(text, HasSubstr("\nembedd_device_memory_other_bytes{device=\"cuda:1\"} 3.22122547e+09\n"));
    EXPECT_THAT(text, HasSubstr("\nembedd_device_power_watts{device=\"cuda:1\"} 300.5\n"));
    EXPECT_THAT(text, HasSubstr("\nembedd_replica_memory_ooms_total{replica=\"0\",device=\"cuda:0\"} 2\n"));
    EXPECT_EQ(status(daemon).replicas[0].memory, fake::memory_on_gpu());
}

TEST(Devices, AreNotToldByTheDead)
{
    DaemonProcess daemon(three_on_two_gpus);
    ASSERT_TRUE(daemon.wait_until_ready());
    ASSERT_TRUE(eventually([&] { return device(daemon, "cuda:0").other_bytes == fake::gib; }));
    ASSERT_TRUE(eventually([&] { return all_serve(daemon, 3); }));
    daemon.set_fault("exit-before-loaded");

    for (const auto replica : {1, 2}) // the one on cuda:1, one of two on cuda:0
        ::kill(static_cast<pid_t>(*status(daemon).replicas[static_cast<std::size_t>(replica)].pid), SIGKILL);

    ASSERT_TRUE(eventually([&] { return !device(daemon, "cuda:1").used_bytes.has_value(); }));
    ASSERT_TRUE(eventually([&] { return device(daemon, "cuda:0") == gpu_with("cuda:0", 1); }));
    EXPECT_EQ(device(daemon, "cuda:1"), (ipc::DeviceStatus{.id = "cuda:1", .name = "fake GPU"}))
        << "it is there still, and nobody knows how it is";
    daemon.end_fault("exit-before-loaded");
    EXPECT_TRUE(eventually([&] { return device(daemon, "cuda:1") == gpu_with("cuda:1", 1); }));
}

TEST(Devices, OfSilentWorkersHaveNoFigures)
{
    DaemonProcess daemon({.arguments = {"--device", "cuda:0"}, .faults = {"gpus"}});
    ASSERT_TRUE(daemon.wait_until_ready());
    ASSERT_TRUE(eventually([&] { return device(daemon, "cuda:0").used_bytes.has_value(); }));

    daemon.set_fault("hang");

    EXPECT_TRUE(eventually([&] { return !device(daemon, "cuda:0").used_bytes.has_value(); }));
    EXPECT_THAT(status(daemon).devices, SizeIs(1));
    daemon.end_fault("hang");
}

TEST(Devices, OnTheCpuTellNoFigures)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_THAT(status(daemon).devices, ElementsAre(ipc::DeviceStatus{.id = "cpu", .name = "fake"}));
}

} // namespace
} // namespace embedd::daemon
