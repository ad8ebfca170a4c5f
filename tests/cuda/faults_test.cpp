#include "model/cuda/faults.hpp"

#include <gtest/gtest.h>

namespace embedd::model {
namespace {

TEST(CudaFault, ThatLosesTheContextIsTheDevices)
{
    EXPECT_EQ(cuda_fault(214), Errc::device_fault); // uncorrectable ECC error
    EXPECT_EQ(cuda_fault(700), Errc::device_fault); // illegal address
    EXPECT_EQ(cuda_fault(710), Errc::device_fault); // assertion
    EXPECT_EQ(cuda_fault(719), Errc::device_fault); // launch failure
}

TEST(CudaFault, OfOneCallIsInternal)
{
    EXPECT_EQ(cuda_fault(1), Errc::internal);   // invalid value
    EXPECT_EQ(cuda_fault(9), Errc::internal);   // invalid configuration
    EXPECT_EQ(cuda_fault(901), Errc::internal); // a capture that was invalidated
}

TEST(CudaFault, ForWantOfMemoryMayPassWithLess)
{
    EXPECT_EQ(cuda_fault(2), Errc::out_of_memory);
    EXPECT_EQ(cuda_fault("CUDA error: out of memory"), Errc::out_of_memory);
    EXPECT_EQ(cuda_fault("CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
              Errc::out_of_memory);
    EXPECT_EQ(cuda_fault("CUBLAS_STATUS_NOT_SUPPORTED"), Errc::internal);
}

TEST(CudaFault, OfADeviceThatIsNotThereSaysSo)
{
    EXPECT_EQ(cuda_fault(35), Errc::device_missing);  // the driver is too old, or none
    EXPECT_EQ(cuda_fault(100), Errc::device_missing); // no device
}

} // namespace
} // namespace embedd::model
