#pragma once

#include "bench/kept_daemon.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <span>
#include <string_view>
#include <vector>

namespace embedd::bench {

// What an event may lay its hands on.
struct Stage {
    KeptDaemon& daemon;
    std::optional<std::filesystem::path> faults; // the fake worker's, tests/fake_worker/README.md
    std::mt19937_64 random;
};

struct EventKind {
    std::string_view name;
    bool needs_faults;
    // Does it, and returns once what it broke was replaced and serves. Throws std::runtime_error with what
    // did not come back.
    void (*happen)(Stage&);
};

// All there are.
[[nodiscard]] std::span<const EventKind> event_kinds();

// So many events: all kinds in random order, then all in another order, and so on. Kinds that need the fake
// worker are left out where there is none. The same for the same seed.
[[nodiscard]] std::vector<const EventKind*> deal_events(std::size_t events, std::uint64_t seed,
                                                        bool with_faults);

} // namespace embedd::bench
