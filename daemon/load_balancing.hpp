#pragma once

#include <cstdint>

namespace embedd::daemon {

// Which of the replicas with a free lane takes the next batch.
enum class LoadBalancing : std::uint8_t {
    least_loaded, // the one with the fewest batches running; of several the first
    round_robin,  // the one after the last that took one
    random,
};

} // namespace embedd::daemon
