#pragma once

#include "daemon/options.hpp"
#include "daemon/processors.hpp"

#include <span>
#include <string>
#include <vector>

namespace embedd::daemon {

// Where one replica computes.
struct Placement {
    std::string device;    // "auto", "cpu", "cuda:1"
    std::vector<int> cpus; // that it is pinned to; none: it runs wherever the daemon may

    bool operator==(const Placement&) const = default;
};

// A place for each replica that the options ask for, in the order of their numbers. Devices are dealt in
// turn. Replicas on the CPU get equal shares of the cores, whole ones where there are enough, unless there is
// but one replica, a replica would get none, or the operator wants no pinning.
[[nodiscard]] std::vector<Placement> place_replicas(const Options&, std::span<const Core> cores);

} // namespace embedd::daemon
