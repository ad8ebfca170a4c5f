#pragma once

#include "daemon/text_pool.hpp"

#include <chrono>

namespace embedd::daemon {

// Gives memory that large requests have left free back to the system: the C library keeps it otherwise, and
// one hostile request would be seen in the daemon's size for ever. Event loop's thread only.
class SpareMemory {
public:
    explicit SpareMemory(TextPool& pool); // before the pool has threads, whose heaps it bounds

    // Cheap when there is little to give back; the giving itself, which may take long, is done in the pool.
    void give_back(std::chrono::steady_clock::time_point now);

private:
    TextPool& pool_;
    bool giving_ = false;
    std::chrono::steady_clock::time_point next_{};
};

} // namespace embedd::daemon
