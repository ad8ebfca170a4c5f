#pragma once

#include "bench/lengths.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace embedd::bench {

using Times = std::vector<std::chrono::microseconds>;

// The middle one; of an even number the upper of the two.
[[nodiscard]] std::optional<std::chrono::microseconds> median(Times);
[[nodiscard]] std::optional<double> median(std::vector<double>);

// What the plan's length cost in one start.
struct LengthTimes {
    std::uint64_t length = 0;
    Times firsts, controls; // draw by draw
};

// Sends one request, one input of this many tokens, as a stranger would: on a fresh connection, after a
// pause.
using AskLength = std::function<std::chrono::microseconds(std::uint64_t tokens)>;

// For each plan, first requests at its unseen lengths, interleaved with controls at the first of them, which
// has been seen by then. Which of the two leads alternates from draw to draw, so that drift favours neither.
// Nothing else is sent, so in a fresh process the first draw is what the first client of that rung would see.
[[nodiscard]] std::vector<LengthTimes> measure_lengths(std::span<const LengthPlan>, const AskLength&);

// first ÷ control, over the lengths.
struct Ratio {
    double median = 0;
    double worst = 0;
};

// Note [Two ratios]
// All draws of a length share a rung. Where rows are rounded up to rungs, the first draw warms it for the
// others, so the median of the draws says whether a new *length* costs anything, and is near 1 even
// without any warm-up. Whether the *rung* was warm is told by the first draws alone. One draw is one sample,
// and a busy neighbour can spoil any, so it is judged by its median over the starts.

// Each length by the medians of its firsts and its controls, in one start. Nothing without lengths.
[[nodiscard]] std::optional<Ratio> ratio_of_lengths(std::span<const LengthTimes>);

// Each length by the median over starts of its first draw and of its median control. The starts must have had
// the same plan. Nothing without starts.
[[nodiscard]] std::optional<Ratio> ratio_of_rungs(std::span<const std::vector<LengthTimes>> starts);

// The same for one length, `number` in the plan.
[[nodiscard]] std::optional<double> ratio_of_rung(std::span<const std::vector<LengthTimes>> starts,
                                                  std::size_t number);

} // namespace embedd::bench
