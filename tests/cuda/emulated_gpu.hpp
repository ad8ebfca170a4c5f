#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <barrier>
#include <cmath>
#include <cstddef>
#include <thread>
#include <vector>

// What a kernel finds on a GPU, on the host: a block's warps run one after another, the lanes of a warp as 32
// threads, so that they can exchange numbers.

inline thread_local uint3 threadIdx, blockIdx;

namespace embedd::tests {

constexpr unsigned lanes = 32;

struct Warp {
    std::barrier<> all{lanes};
    std::array<float, lanes> numbers{};
};
inline thread_local Warp* warp_of_thread = nullptr;

// Runs `kernel` for each thread of a grid of blocks of 32 x rows.
template <class Kernel>
void run_warps(unsigned blocks, unsigned rows, const Kernel& kernel)
{
    Warp warp;
    std::vector<std::jthread> threads;
    for (unsigned lane = 0; lane < lanes; ++lane)
        threads.emplace_back([&, lane] {
            warp_of_thread = &warp;
            for (unsigned block = 0; block < blocks; ++block)
                for (unsigned row = 0; row < rows; ++row) {
                    blockIdx = {block, 0, 0};
                    threadIdx = {lane, row, 0};
                    kernel();
                    warp.all.arrive_and_wait();
                }
        });
}

// The same for kernels whose threads know nothing of each other.
template <class Kernel>
void run_threads(uint3 grid, unsigned threads, const Kernel& kernel)
{
    for (unsigned y = 0; y < grid.y; ++y)
        for (unsigned x = 0; x < grid.x; ++x)
            for (unsigned thread = 0; thread < threads; ++thread) {
                blockIdx = {x, y, 0};
                threadIdx = {thread, 0, 0};
                kernel();
            }
}

} // namespace embedd::tests

inline float __shfl_xor_sync(unsigned, float value, int distance)
{
    auto& warp = *embedd::tests::warp_of_thread;
    warp.numbers[threadIdx.x] = value;
    warp.all.arrive_and_wait();
    const float others = warp.numbers[threadIdx.x ^ static_cast<unsigned>(distance)];
    warp.all.arrive_and_wait();
    return others;
}

inline float rsqrtf(float value)
{
    return 1 / std::sqrt(value);
}
