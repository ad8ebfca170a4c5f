#pragma once

#include "bench/ratio.hpp"
#include "bench/shapes.hpp"
#include "ipc/status.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::bench {

enum class Variant : std::uint8_t {
    warmed,   // embedd with its full warm-up: the default
    unwarmed, // embedd --warmup false
    bare,     // the same model in one process: no ladder, no warm-up, no daemon
};

[[nodiscard]] std::string_view to_string(Variant) noexcept; // as --variants names it
[[nodiscard]] std::optional<Variant> variant_from(std::string_view name) noexcept;

// What a daemon's status said at the end of a start.
struct EndOfStart {
    std::uint64_t cold_hits = 0;
    std::optional<ipc::ColdStart> cold_start;
    std::vector<ipc::PhaseStatus> phases;
    std::optional<ipc::WarmUpReport> warm_up;
};

// Everything measured of one variant, start by start. The lengths and the shapes have starts of their own:
// what is to be the first request must not come after another.
struct VariantTimes {
    Variant variant = Variant::warmed;
    Times to_ready; // of every start: exec to READY=1, or to loaded
    std::vector<std::vector<LengthTimes>> lengths;
    std::vector<ShapeTimes> shapes;
    std::vector<EndOfStart> ends; // of daemons
};

// Medians over the starts.
struct VariantSummary {
    std::optional<std::chrono::microseconds> to_ready;
    std::optional<Ratio> lengths, rungs; // Note [Two ratios]
    std::optional<std::chrono::microseconds> p99, max;
    std::optional<double> slow_requests;
    std::optional<std::uint64_t> cold_hits;   // of all starts together; a bare loop counts none
    std::optional<ipc::ColdStart> cold_start; // of the start that met the most shapes
};

[[nodiscard]] VariantSummary summarize(const VariantTimes&);

struct ColdstartBars {
    double ratio = 1.2; // first ÷ control, median over lengths
    double worst = 1.5; // of any one length
    std::chrono::duration<double> ready{3};
};

// A sentence for each bar that the default variant missed. Without it there is nothing to judge, which is
// told as a miss too.
[[nodiscard]] std::vector<std::string> missed_bars(const std::vector<VariantTimes>&, const ColdstartBars&);

} // namespace embedd::bench
