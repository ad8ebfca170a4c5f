// The little of CUDA's runtime that staging and the network use, where "device" memory is the host's.
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {

cudaError_t cudaHostAlloc(void** memory, std::size_t size, unsigned)
{
    *memory = std::malloc(size);
    std::memset(*memory, 0xAB, size); // as what was there before
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void* memory)
{
    std::free(memory);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind, cudaStream_t)
{
    std::memcpy(to, from, size);
    return cudaSuccess;
}

cudaError_t cudaGetLastError()
{
    return cudaSuccess;
}
}

namespace c10::cuda {

void c10_cuda_check_implementation(std::int32_t error, const char*, const char*, std::uint32_t, bool)
{
    if (error != cudaSuccess)
        std::abort();
}

CUDAStream getCurrentCUDAStream(DeviceIndex)
{
    return CUDAStream(CUDAStream::UNCHECKED, Stream(Stream::DEFAULT, Device(DeviceType::CUDA, 0)));
}

cudaStream_t CUDAStream::stream() const
{
    return nullptr;
}

} // namespace c10::cuda
