#pragma once

#include "bench/chaos_clients.hpp"
#include "bench/ratio.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace embedd::bench {

struct ChaosOptions {
    std::vector<std::string> daemon;             // the program and its options besides --socket
    std::optional<std::filesystem::path> faults; // where the worker is the fake one
    std::size_t clients = 16;
    std::size_t events = 100;
    std::uint64_t seed = 1;
    std::chrono::milliseconds steady{1000}; // between events, in which the rate before is measured
    std::chrono::milliseconds pause{0};     // of a client, after an answer
};

// Recovery of an event: from its beginning until what it broke was replaced and answers flow again, at half
// the rate before it at least.
struct Chaos {
    ChaosTally tally;
    std::map<std::string, Times> recoveries; // by kind of event
    std::string unhealed;                    // the event that the daemon did not come back from; empty: none
    std::chrono::milliseconds elapsed{0};
};

using ChaosProgress = std::function<void(const std::string& event)>;

// Steady mixed load while one event after another happens to a daemon of our own. Throws std::runtime_error
// when that does not start.
[[nodiscard]] Chaos measure_chaos(const ChaosOptions&, const ChaosProgress& note);

// A sentence for each bar that was missed: nothing fails, nothing is answered twice or wrongly, the daemon
// comes back from every event.
[[nodiscard]] std::vector<std::string> missed_bars(const Chaos&);

} // namespace embedd::bench
