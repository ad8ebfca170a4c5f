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

} // namespace embedd::model
