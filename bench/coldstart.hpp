#pragma once

#include "bench/coldstart_result.hpp"
#include "bench/lengths.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace embedd::bench {

struct ColdstartOptions {
    std::filesystem::path daemon, worker;
    std::vector<std::string> arguments; // for embedd, besides --socket and --warmup
    std::vector<Variant> variants{Variant::warmed, Variant::unwarmed, Variant::bare};
    std::uint64_t runs = 5;        // of each variant
    std::uint64_t requests = 1000; // of random shapes
    std::uint64_t seed = 1;
};

// Told before each start, as "default, start 2 of 5, lengths".
using ColdstartProgress = std::function<void(const std::string& step)>;

// Starts each variant `runs` times for its lengths and as often for its shapes, in turns, so that what the
// machine does meanwhile meets all of them. A start before those, which is not measured, brings the files
// into the page cache and tells the model's card. Throws std::runtime_error when a program or a request
// fails.
[[nodiscard]] std::vector<VariantTimes> measure_coldstart(const ColdstartOptions&, const ColdstartProgress&);

} // namespace embedd::bench
