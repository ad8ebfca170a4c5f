#include "model/worker/device_figures.hpp"

#include "tests/model/nvml/loaded_fake.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <stdexcept>
#include <thread>

namespace embedd::model {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Optional;

nvml::Reading reading_of(std::uint64_t used, std::vector<nvml::Process> processes)
{
    return {.memory = nvml::Memory{.total = 1000, .used = used}, .processes = std::move(processes)};
}

TEST(BytesOfOthers, AreAllThatIsUsedLessWhatTheDriverSaysOfThisProcess)
{
    const auto reading = reading_of(300, {{.pid = 41, .used_bytes = 80}, {.pid = 42, .used_bytes = 200}});

    EXPECT_THAT(bytes_of_others(reading, 42, {}), Optional(100U));
    EXPECT_THAT(bytes_of_others(reading, 42, 150), Optional(100U)) << "the allocator is a part of it";
}

TEST(BytesOfOthers, AreReckonedFromTheAllocatorWhereTheDriverDoesNotKnowThisProcess)
{
    EXPECT_THAT(bytes_of_others(reading_of(300, {{.pid = 41, .used_bytes = 300}}), 42, 120), Optional(180U));
    EXPECT_THAT(bytes_of_others(reading_of(300, {{.pid = 42, .used_bytes = {}}}), 42, 120), Optional(180U));
    EXPECT_THAT(bytes_of_others(reading_of(300, {{.pid = 42, .used_bytes = 5}}), 42, 120), Optional(180U))
        << "a stranger with our pid in another container";
}

TEST(BytesOfOthers, AreUnknownWhereNobodyKnowsOurs)
{
    EXPECT_EQ(bytes_of_others(reading_of(300, {}), 42, {}), std::nullopt);
    EXPECT_EQ(bytes_of_others({}, 42, 120), std::nullopt) << "nor what is used";
}

TEST(BytesOfOthers, AreNeverLessThanNone)
{
    EXPECT_THAT(bytes_of_others(reading_of(300, {}), 42, 301), Optional(0U));
}

class FiguresOfADevice : public ::testing::Test {
protected:
    [[nodiscard]] static DeviceFigures::Settings settings()
    {
        return {.id = "cuda:1",
                .name = "NVIDIA H200",
                .bus_id = "0000:17:00.0",
                .reserved_bytes = [] { return std::optional<std::uint64_t>(100); },
                .library = EMBEDD_FAKE_NVML,
                .interval = 1ms,
                .lifetime = 100ms};
    }
    [[nodiscard]] static bool eventually(const std::function<bool()>& condition)
    {
        const auto limit = std::chrono::steady_clock::now() + 30s;
        while (!condition() && std::chrono::steady_clock::now() < limit)
            std::this_thread::yield();
        return condition();
    }

    nvml::LoadedFake driver_{EMBEDD_FAKE_NVML};
    const ipc::DeviceStatus nothing_known_{.id = "cuda:1", .name = "NVIDIA H200"};
};

TEST_F(FiguresOfADevice, AreWhatTheDriverTells)
{
    driver_->throttle_reasons = 0x4;
    auto lasting = settings();
    lasting.lifetime = 1h;
    const DeviceFigures figures(lasting);

    ASSERT_TRUE(eventually([&] { return figures.latest().used_bytes.has_value(); }));

    const auto latest = figures.latest();
    EXPECT_EQ(latest.id, "cuda:1");
    EXPECT_EQ(latest.name, "NVIDIA H200");
    EXPECT_THAT(latest.total_bytes, Optional(1000U));
    EXPECT_THAT(latest.used_bytes, Optional(300U));
    EXPECT_THAT(latest.other_bytes, Optional(200U));
    EXPECT_THAT(latest.utilization, Optional(0.75));
    EXPECT_THAT(latest.memory_utilization, Optional(0.2));
    EXPECT_THAT(latest.power_w, Optional(412.5));
    EXPECT_THAT(latest.temperature_c, Optional(61.0));
    EXPECT_THAT(latest.sm_clock_mhz, Optional(1980U));
    EXPECT_THAT(latest.memory_clock_mhz, Optional(3201U));
    EXPECT_THAT(latest.throttled, Optional(ElementsAre("sw_power_cap")));
}

TEST_F(FiguresOfADevice, AreReadAgainAndAgain)
{
    const DeviceFigures figures(settings());

    EXPECT_TRUE(eventually([&] { return driver_->readings > 100; }));
}

TEST_F(FiguresOfADevice, WithoutADriverAreItsIdAndName)
{
    auto without = settings();
    without.library = "libno-such-library.so.1";
    const DeviceFigures figures(without);

    EXPECT_EQ(figures.latest(), nothing_known_);
}

TEST_F(FiguresOfADevice, LackOthersMemoryWhereNobodyCanTellOurs)
{
    auto failing = settings();
    failing.lifetime = 1h;
    failing.reserved_bytes = []() -> std::optional<std::uint64_t> {
        throw std::runtime_error("the allocator is not there yet");
    };
    const DeviceFigures figures(failing);

    ASSERT_TRUE(eventually([&] { return figures.latest().used_bytes.has_value(); }));

    EXPECT_EQ(figures.latest().other_bytes, std::nullopt);
}

TEST_F(FiguresOfADevice, GoWhenTheDriverRefusesThem)
{
    const DeviceFigures figures(settings());
    ASSERT_TRUE(eventually([&] { return figures.latest().used_bytes.has_value(); }));

    driver_->result = nvml::abi::no_permission;

    EXPECT_TRUE(eventually([&] { return figures.latest() == nothing_known_; }));
}

TEST_F(FiguresOfADevice, GoWhenTheDriverHangsAndComeBackWithIt)
{
    const DeviceFigures figures(settings());
    ASSERT_TRUE(eventually([&] { return figures.latest().used_bytes.has_value(); }));

    driver_->hangs = true;
    EXPECT_TRUE(eventually([&] { return figures.latest() == nothing_known_; })) << "and nobody waits for it";
    driver_->hangs = false;

    EXPECT_TRUE(eventually([&] { return figures.latest().used_bytes.has_value(); }));
}

} // namespace
} // namespace embedd::model
