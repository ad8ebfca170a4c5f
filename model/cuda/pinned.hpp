#pragma once

#include <c10/cuda/CUDAException.h>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <span>

namespace embedd::model {

// Host memory that a GPU copies from and to by itself, at the link's full rate, while the host goes on.
// Taking it is slow (tenths of a millisecond a MiB): once, at the start.
template <class Number>
class Pinned {
public:
    explicit Pinned(std::size_t count) : numbers_(take(count)), count_(count) {}

    [[nodiscard]] std::span<Number> span() const { return {numbers_.get(), count_}; }

private:
    struct Free {
        void operator()(Number* numbers) const { (void)::cudaFreeHost(numbers); }
    };

    static Number* take(std::size_t count)
    {
        void* memory = nullptr;
        C10_CUDA_CHECK(::cudaHostAlloc(&memory, count * sizeof(Number), cudaHostAllocDefault));
        return static_cast<Number*>(memory);
    }

    std::unique_ptr<Number, Free> numbers_;
    std::size_t count_;
};

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
