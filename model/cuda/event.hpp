#pragma once

#include <c10/cuda/CUDAException.h>
#include <cuda_runtime_api.h>

#include <memory>

namespace embedd::model {

// A moment on a stream.
class Event {
public:
    // `flags` as cudaEventCreateWithFlags takes them.
    explicit Event(unsigned flags)
    {
        cudaEvent_t event = nullptr;
        C10_CUDA_CHECK(::cudaEventCreateWithFlags(&event, flags));
        event_.reset(event);
    }

    void record(cudaStream_t stream) { C10_CUDA_CHECK(::cudaEventRecord(event_.get(), stream)); }
    void wait() const { C10_CUDA_CHECK(::cudaEventSynchronize(event_.get())); }

    // Both have passed.
    [[nodiscard]] float milliseconds_since(const Event& earlier) const
    {
        float milliseconds = 0;
        C10_CUDA_CHECK(::cudaEventElapsedTime(&milliseconds, earlier.event_.get(), event_.get()));
        return milliseconds;
    }

private:
    struct Destroy {
        using pointer = cudaEvent_t;
        void operator()(cudaEvent_t event) const { (void)::cudaEventDestroy(event); }
    };
    std::unique_ptr<cudaEvent_t, Destroy> event_;
};

} // namespace embedd::model
