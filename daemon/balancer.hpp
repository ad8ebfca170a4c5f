#pragma once

#include "daemon/load_balancing.hpp"
#include "daemon/replica.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <span>

namespace embedd::daemon {

// Chooses who takes the next batch. A value: the same seed chooses the same replicas again.
class Balancer {
public:
    Balancer(LoadBalancing how, std::uint32_t seed) : how_(how), random_(seed) {}

    // Of these, at least one, ascending by id. Each call is a turn taken.
    [[nodiscard]] Replica& choose(std::span<Replica* const> free);

private:
    LoadBalancing how_;
    std::minstd_rand random_;
    std::optional<std::uint64_t> last_; // id
};

} // namespace embedd::daemon
