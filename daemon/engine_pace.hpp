#pragma once

#include "daemon/backoff.hpp"

#include <chrono>
#include <cstdint>

namespace embedd::daemon {

// When the supervisor loses patience.
struct EnginePace {
    std::chrono::milliseconds start_limit{60'000};            // from spawn to the first sign of life
    std::chrono::milliseconds beat_limit{5'000};              // between signs of life
    std::chrono::milliseconds batch_limit{2'000};             // of a batch, at least
    std::uint32_t batch_factor = 20;                          // of a batch, times what it is expected to take
    std::chrono::milliseconds visit_limit{30'000};            // of a shape visited in a warm-up
    std::chrono::milliseconds unmeasured_batch_limit{60'000}; // where nothing is expected: no warm-up
    std::chrono::milliseconds leave_limit{5'000};             // from being asked to end to the end
    std::chrono::milliseconds proof_limit{5'000};             // of a proof that replicas serve
    std::chrono::milliseconds overdue_grace{5'000};           // for the supervisor itself to act
    Backoff::Limits respawn;
    std::uint32_t first_tries = 5; // of each replica, in a row, without ever loading
    std::uint32_t tries = 10;      // of each replica, in a row, with none left
};

} // namespace embedd::daemon
