#include "daemon/metrics_text.hpp"

#include <gmock/gmock.h>

namespace embedd::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricsText, TellsADevicesFiguresInBaseUnits)
{
    ipc::Status status;
    status.devices = {{"cuda:0",
                       "NVIDIA H200",
                       1000,
                       300,
                       100,
                       0.75,
                       412.5,
                       61,
                       0.25,
                       1980,
                       3201,
                       {{"hw_slowdown", "hw_thermal_slowdown"}}}};

    const auto text = metrics_text(status);

    for (const auto* line :
         {"# TYPE embedd_device_memory_used_bytes gauge\n",
          "embedd_device_info{device=\"cuda:0\",name=\"NVIDIA H200\"} 1\n",
          "embedd_device_memory_total_bytes{device=\"cuda:0\"} 1000\n",
          "embedd_device_memory_used_bytes{device=\"cuda:0\"} 300\n",
          "embedd_device_memory_other_bytes{device=\"cuda:0\"} 100\n",
          "embedd_device_utilization_ratio{device=\"cuda:0\"} 0.75\n",
          "embedd_device_memory_utilization_ratio{device=\"cuda:0\"} 0.25\n",
          "embedd_device_power_watts{device=\"cuda:0\"} 412.5\n",
          "embedd_device_temperature_celsius{device=\"cuda:0\"} 61\n",
          "embedd_device_sm_clock_hertz{device=\"cuda:0\"} 1.98e+09\n",
          "embedd_device_memory_clock_hertz{device=\"cuda:0\"} 3.201e+09\n",
          "embedd_device_throttled{device=\"cuda:0\"} 1\n",
          "embedd_device_throttle_reason{device=\"cuda:0\",reason=\"hw_slowdown\"} 1\n",
          "embedd_device_throttle_reason{device=\"cuda:0\",reason=\"hw_thermal_slowdown\"} 1\n"})
        EXPECT_THAT(text, HasSubstr(line));
}

TEST(MetricsText, LeavesOutWhatNobodyKnowsOfADevice)
{
    ipc::Status status;
    status.devices = {{.id = "cpu", .name = "EPYC"},
                      {.id = "cuda:0", .throttled = std::vector<std::string>{}}};

    const auto text = metrics_text(status);

    EXPECT_THAT(text, HasSubstr("embedd_device_info{device=\"cpu\",name=\"EPYC\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("embedd_device_throttled{device=\"cuda:0\"} 0\n"));
    EXPECT_THAT(text, Not(HasSubstr("embedd_device_throttled{device=\"cpu\"}")));
    EXPECT_THAT(text, Not(HasSubstr("device_memory"))) << "the family's help neither";
    EXPECT_THAT(text, Not(HasSubstr("throttle_reason")));
}

TEST(MetricsText, TellsAReplicasMemoryAsFarAsItIsKnown)
{
    ipc::Status status;
    status.replicas.resize(2);
    status.replicas[0].device = "cpu";
    status.replicas[0].memory.rss_bytes = 9;
    status.replicas[1].id = 1;
    status.replicas[1].device = "cuda:0";
    status.replicas[1].memory = {1, 2, 3, 4, 5, 6, 7, 8};

    const auto text = metrics_text(status);

    for (const auto* line : {"embedd_replica_resident_bytes{replica=\"0\",device=\"cpu\"} 9\n",
                             "embedd_replica_memory_weights_bytes{replica=\"1\",device=\"cuda:0\"} 1\n",
                             "embedd_replica_memory_active_bytes{replica=\"1\",device=\"cuda:0\"} 2\n",
                             "embedd_replica_memory_reserved_bytes{replica=\"1\",device=\"cuda:0\"} 3\n",
                             "embedd_replica_memory_peak_bytes{replica=\"1\",device=\"cuda:0\"} 4\n",
                             "embedd_replica_memory_graphs_bytes{replica=\"1\",device=\"cuda:0\"} 5\n",
                             "embedd_replica_resident_bytes{replica=\"1\",device=\"cuda:0\"} 6\n",
                             "# TYPE embedd_replica_memory_alloc_retries_total counter\n",
                             "embedd_replica_memory_alloc_retries_total{replica=\"1\",device=\"cuda:0\"} 7\n",
                             "embedd_replica_memory_ooms_total{replica=\"1\",device=\"cuda:0\"} 8\n"})
        EXPECT_THAT(text, HasSubstr(line));
    EXPECT_THAT(text, Not(HasSubstr("embedd_replica_memory_active_bytes{replica=\"0\"")));
}

} // namespace
} // namespace embedd::daemon
