#include "model/nvml/gpu.hpp"

#include "model/nvml/throttle_reasons.hpp"
#include "tests/model/nvml/loaded_fake.hpp"

#include <gmock/gmock.h>

namespace embedd::nvml {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr const char* bus_id = "0000:17:00.0";
constexpr const char* library = EMBEDD_FAKE_NVML;
constexpr const char* old_library = EMBEDD_OLD_NVML;

abi::Process process(std::uint32_t pid, std::uint64_t used)
{
    return {.pid = pid, .used = used, .gpu_instance = 0, .compute_instance = 0};
}

TEST(Gpu, TellsEveryFigureInBaseUnits)
{
    LoadedFake fake(library);
    fake->processes = {process(41, 200), process(42, abi::not_available)};
    fake->throttle_reasons = 0x4;

    const auto reading = Gpu::open(bus_id, library)->read();

    EXPECT_THAT(reading.memory, Optional(Memory{.total = 1000, .reserved = 50, .free = 650, .used = 300}));
    EXPECT_THAT(reading.utilization, Optional(0.75));
    EXPECT_THAT(reading.memory_utilization, Optional(0.2));
    EXPECT_THAT(reading.sm_clock_mhz, Optional(1980U));
    EXPECT_THAT(reading.memory_clock_mhz, Optional(3201U));
    EXPECT_THAT(reading.power_w, Optional(412.5));
    EXPECT_THAT(reading.temperature_c, Optional(61.0));
    EXPECT_THAT(reading.throttled, Optional(ElementsAre("sw_power_cap")));
    EXPECT_THAT(reading.processes, Optional(ElementsAre(Process{41, 200}, Process{42, std::nullopt})));
}

TEST(Gpu, IsNoneWithoutTheLibrary)
{
    EXPECT_FALSE(Gpu::open(bus_id, "libno-such-library.so.1"));
    EXPECT_FALSE(Gpu::open(bus_id, EMBEDD_NO_LIBRARY)) << "a file that is none";
}

TEST(Gpu, IsNoneWithoutADriver)
{
    LoadedFake fake(library);
    fake->init = abi::driver_not_loaded;

    EXPECT_FALSE(Gpu::open(bus_id, library));
    EXPECT_EQ(fake->opened, 0);
}

TEST(Gpu, IsNoneAtABusIdWhereThereIsNone)
{
    LoadedFake fake(library);

    EXPECT_FALSE(Gpu::open("0000:99:00.0", library));
    EXPECT_FALSE(Gpu::open("", library));
    EXPECT_EQ(fake->opened, 0) << "the library is shut down again";
}

TEST(Gpu, OfWhichTheDriverTellsNothingHasNoFigures)
{
    LoadedFake fake(library);
    const auto gpu = Gpu::open(bus_id, library);

    for (const auto refusal : {abi::not_supported, abi::no_permission, abi::driver_not_loaded}) {
        fake->result = refusal;
        EXPECT_EQ(gpu->read(), Reading{}) << refusal;
    }
    fake->result = abi::success;
    EXPECT_TRUE(gpu->read().memory) << "and has them again when it does";
}

TEST(Gpu, LacksOnlyTheFiguresThatItsDriverCannotTell)
{
    const auto reading = Gpu::open(bus_id, old_library)->read();

    EXPECT_EQ(reading.power_w, std::nullopt);
    EXPECT_EQ(reading.throttled, std::nullopt);
    EXPECT_THAT(reading.temperature_c, Optional(61.0));
    EXPECT_TRUE(reading.memory);
}

TEST(Gpu, WithoutProcessesHasAnEmptyListOfThem)
{
    LoadedFake fake(library);

    EXPECT_THAT(Gpu::open(bus_id, library)->read().processes, Optional(IsEmpty()));
}

TEST(Gpu, ListsProcessesThatBeginWhileTheyAreCounted)
{
    LoadedFake fake(library);
    fake->processes = {process(41, 200)};
    fake->born_each_call = 3;

    EXPECT_THAT(Gpu::open(bus_id, library)->read().processes, Optional(SizeIs(7)));
}

TEST(Gpu, ListsNoProcessesWhereTheyOutrunEveryCount)
{
    LoadedFake fake(library);
    fake->born_each_call = 100;

    const auto reading = Gpu::open(bus_id, library)->read();

    EXPECT_EQ(reading.processes, std::nullopt);
    EXPECT_TRUE(reading.memory) << "and all else";
}

TEST(Gpu, ListsNoMoreProcessesThanTheDriverWrote)
{
    LoadedFake fake(library);
    fake->processes = {process(41, 200)};
    fake->claimed = 1'000'000;

    const auto processes = Gpu::open(bus_id, library)->read().processes;

    ASSERT_TRUE(processes);
    EXPECT_LT(processes->size(), 100U);
    EXPECT_EQ(processes->front(), (Process{41, 200}));
}

TEST(Gpu, GivesTheLibraryBackAtItsEnd)
{
    {
        LoadedFake fake(library);
        {
            const auto gpu = Gpu::open(bus_id, library);
            EXPECT_EQ(fake->opened, 1);
        }
        EXPECT_EQ(fake->opened, 0);
        EXPECT_TRUE(Gpu::open(bus_id, library));
    }

    EXPECT_EQ(::dlopen(library, RTLD_NOW | RTLD_NOLOAD), nullptr);
}

TEST(ThrottleReasons, AreTheWordsOfNvidiaSmi)
{
    EXPECT_THAT(throttle_reasons(0x48), ElementsAre("hw_slowdown", "hw_thermal_slowdown"));
    EXPECT_THAT(throttle_reasons(0x1fe), SizeIs(8));
}

TEST(ThrottleReasons, AreNoneForAGpuThatHasNothingToDo)
{
    EXPECT_THAT(throttle_reasons(0), IsEmpty());
    EXPECT_THAT(throttle_reasons(0x1), IsEmpty());
}

TEST(ThrottleReasons, OfANewerDriverAreCountedAsOthers)
{
    EXPECT_THAT(throttle_reasons(0x8000'0000'0000'0204), ElementsAre("sw_power_cap", "other"));
}

} // namespace
} // namespace embedd::nvml
