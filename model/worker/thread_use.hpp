#pragma once

#include <cstdint>

namespace embedd::model {

// What the calling thread has used since it began.
struct ThreadUse {
    std::uint64_t cpu_us = 0;      // what work costs, whoever else wants the core
    std::uint64_t page_faults = 0; // memory touched for the first time
};

[[nodiscard]] ThreadUse thread_use();

[[nodiscard]] inline ThreadUse operator-(const ThreadUse& later, const ThreadUse& earlier)
{
    return {later.cpu_us - earlier.cpu_us, later.page_faults - earlier.page_faults};
}

} // namespace embedd::model
