#include "model/cuda/faults.hpp"

#include <algorithm>
#include <array>

namespace embedd::model {

Errc cuda_fault(int error)
{
    constexpr int memory_allocation = 2;
    constexpr std::array lost{
        214, // cudaErrorECCUncorrectable
        220, // cudaErrorNvlinkUncorrectable
        226, // cudaErrorContained
        700, // cudaErrorIllegalAddress
        702, // cudaErrorLaunchTimeout
        709, // cudaErrorContextIsDestroyed
        710, // cudaErrorAssert
        714, // cudaErrorHardwareStackError
        715, // cudaErrorIllegalInstruction
        716, // cudaErrorMisalignedAddress
        717, // cudaErrorInvalidAddressSpace
        718, // cudaErrorInvalidPc
        719, // cudaErrorLaunchFailure
        721, // cudaErrorTensorMemoryLeak
    };
    constexpr std::array missing{
        35,  // cudaErrorInsufficientDriver
        100, // cudaErrorNoDevice
        101, // cudaErrorInvalidDevice
        209, // cudaErrorNoKernelImageForDevice
        803, // cudaErrorSystemDriverMismatch
    };
    if (error == memory_allocation)
        return Errc::out_of_memory;
    if (std::ranges::find(missing, error) != missing.end())
        return Errc::device_missing;
    return std::ranges::find(lost, error) != lost.end() ? Errc::device_fault : Errc::internal;
}

Errc cuda_fault(std::string_view text)
{
    const auto says = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    const bool memory = says("out of memory") || says("STATUS_ALLOC_FAILED");
    return memory ? Errc::out_of_memory : Errc::internal;
}

} // namespace embedd::model
