#include "daemon/devices.hpp"

#include <gmock/gmock.h>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Clock::time_point t0 = Clock::time_point{} + 1h;

DeviceReport report(const std::string& id, std::uint64_t used, std::uint64_t other, Clock::time_point told)
{
    return {.device = {.id = id,
                       .name = "H200",
                       .total_bytes = 1000,
                       .used_bytes = used,
                       .other_bytes = other,
                       .temperature_c = 60.0},
            .told = told};
}

TEST(Devices, AreAnEntryEachInTheOrderOfTheReplicas)
{
    const std::vector reports{report("cuda:1", 100, 40, t0), report("cuda:0", 300, 200, t0),
                              report("cuda:1", 100, 60, t0)};

    const auto devices = devices_of(reports, t0);

    ASSERT_THAT(devices, SizeIs(2));
    EXPECT_EQ(devices[0].id, "cuda:1");
    EXPECT_EQ(devices[1], reports[1].device);
    EXPECT_THAT(devices_of({}, t0), IsEmpty());
}

TEST(Devices, CountAsOthersWhatBelongsToNoReplica)
{
    // 100 bytes are used: one replica holds 60 of them, the other 25.
    const std::vector reports{report("cuda:0", 100, 40, t0), report("cuda:0", 100, 75, t0)};

    EXPECT_EQ(devices_of(reports, t0)[0].other_bytes, 15U);
}

TEST(Devices, HaveNoFewerOthersThanNoneWhereReplicasLookedAtDifferentTimes)
{
    const std::vector reports{report("cuda:0", 100, 40, t0), report("cuda:0", 70, 10, t0 + 1s)};

    const auto device = devices_of(reports, t0 + 1s)[0];

    EXPECT_EQ(device.used_bytes, 70U) << "the newer";
    EXPECT_EQ(device.other_bytes, 0U);
}

TEST(Devices, HaveUnknownOthersWhereOneReplicaDoesNotKnowItsOwn)
{
    std::vector reports{report("cuda:0", 100, 40, t0), report("cuda:0", 100, 0, t0)};
    reports[1].device.other_bytes.reset();

    const auto device = devices_of(reports, t0)[0];

    EXPECT_EQ(device.used_bytes, 100U);
    EXPECT_EQ(device.other_bytes, std::nullopt);
}

TEST(Devices, TakeAFigureThatOneReplicaLacksFromAnother)
{
    std::vector reports{report("cuda:0", 100, 40, t0), report("cuda:0", 100, 40, t0 + 1s)};
    reports[1].device.temperature_c.reset();

    EXPECT_EQ(devices_of(reports, t0 + 1s)[0].temperature_c, 60.0);
}

TEST(Devices, OfWhichNobodyToldForSomeSecondsAreTheirIdAndName)
{
    const std::vector reports{report("cuda:0", 100, 40, t0)};

    EXPECT_EQ(devices_of(reports, t0 + 5s)[0], reports[0].device);
    EXPECT_THAT(devices_of(reports, t0 + 5001ms),
                ElementsAre(ipc::DeviceStatus{.id = "cuda:0", .name = "H200"}));
}

TEST(Devices, CountTheMemoryOfASilentReplicaAmongOthers)
{
    const std::vector reports{report("cuda:0", 100, 40, t0), report("cuda:0", 100, 75, t0 + 6s)};

    EXPECT_EQ(devices_of(reports, t0 + 6s)[0].other_bytes, 75U);
}

TEST(Devices, ThatTellNoFiguresHaveNone)
{
    const std::vector<DeviceReport> reports{{.device = {.id = "cpu", .name = "EPYC"}, .told = {}}};

    EXPECT_THAT(devices_of(reports, t0), ElementsAre(ipc::DeviceStatus{.id = "cpu", .name = "EPYC"}));
}

} // namespace
} // namespace embedd::daemon
