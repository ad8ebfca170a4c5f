#include "model/cuda/driver.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace embedd::model {
namespace {

class Driver : public testing::Test {
protected:
    Driver()
    {
        for (const auto* variable : {"EMBEDD_FAKE_GPUS", "EMBEDD_FAKE_CUDA", "EMBEDD_FAKE_CAPABILITY"})
            ::unsetenv(variable);
    }

    static void expect_missing(const char* library, const std::string& why)
    {
        const auto found = gpus(library);
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().code, Errc::device_missing);
        EXPECT_NE(found.error().detail.find(why), std::string::npos) << found.error().detail;
    }
};

TEST_F(Driver, DescribesEachGpu)
{
    ::setenv("EMBEDD_FAKE_GPUS", "2", 1);
    ::setenv("EMBEDD_FAKE_CAPABILITY", "75", 1);

    const auto found = gpus(EMBEDD_FAKE_DRIVER);

    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ((*found)[1].name, "Made-up GPU 1");
    EXPECT_EQ((*found)[1].pci_bus_id, "0000:0B:00.0");
    EXPECT_EQ((*found)[1].memory_bytes, std::uint64_t{80} << 30);
    EXPECT_EQ((*found)[1].capability_major, 7);
    EXPECT_EQ((*found)[1].capability_minor, 5);
}

TEST_F(Driver, SaysThatThereIsNone)
{
    expect_missing("libno-such-driver.so.1", "no NVIDIA driver (libno-such-driver.so.1 cannot be opened)");
}

TEST_F(Driver, SaysThatItFindsNoGpu)
{
    ::setenv("EMBEDD_FAKE_GPUS", "0", 1);
    expect_missing(EMBEDD_FAKE_DRIVER, "finds no GPU");
}

TEST_F(Driver, SaysThatItIsTooOld)
{
    ::setenv("EMBEDD_FAKE_CUDA", "12080", 1);
    expect_missing(EMBEDD_FAKE_DRIVER, "is for CUDA 12.8, and CUDA 13.0 is needed");
}

TEST_F(Driver, ThatLacksAFunctionIsNone)
{
    expect_missing("libm.so.6", "CUDA 13.0 is needed");
}

} // namespace
} // namespace embedd::model
