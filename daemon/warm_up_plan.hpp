#pragma once

#include "ipc/request.hpp"

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::daemon {

// In the order in which they run. A batch's memory is measured before clients are simulated, because it may
// lower the token budget that their batches are built by.
enum class WarmUpStage : std::uint8_t { lengths, memory, concurrency, verify };

[[nodiscard]] std::string_view to_string(WarmUpStage) noexcept;

enum class PlanReason : std::uint8_t {
    ladder,  // a rung that batches are rounded up to
    anchor,  // a rung that is timed, to know what the others cost
    learned, // a client's batch was cold there after an earlier warm-up
    asked,   // by whoever asked for a re-warm
};

[[nodiscard]] std::string_view to_string(PlanReason) noexcept;

// A shape of a batch.
struct Shape {
    std::string task = "embed";
    std::uint64_t rows = 0;   // a rung
    std::uint64_t length = 0; // tokens of the longest input

    friend auto operator<=>(const Shape&, const Shape&) = default;
};

// One thing that warm-up does.
struct PlanCell {
    WarmUpStage stage = WarmUpStage::lengths;
    Shape shape;
    bool uneven = false;           // inputs of different lengths side by side
    bool timed = false;            // by whole passes until stable; else touched by one layer's products
    std::uint64_t concurrency = 1; // batches in lanes, or clients, at a time
    PlanReason reason = PlanReason::ladder;

    friend bool operator==(const PlanCell&, const PlanCell&) = default;
};

// What a plan is made from.
struct PlanFacts {
    std::vector<std::string> tasks;
    std::vector<std::uint64_t> rungs; // ascending, at least one
    std::uint64_t longest_input = 0;  // tokens
    std::uint64_t lanes = 1;
    std::set<Shape> learned;
};

using WarmUpPlan = std::vector<PlanCell>;

// Every rung touched and about eight of them timed, for each task; what was learned; the largest batch on all
// lanes; and 1, 2, 4 ... clients. (What `verify` draws is drawn when it runs.)
[[nodiscard]] WarmUpPlan plan_warm_up(const PlanFacts&);

// The lengths asked for, or every cell of the stage `lengths`. Refused: a task the model does not serve, or a
// length beyond its longest input.
[[nodiscard]] ipc::Result<WarmUpPlan> plan_rewarm(const PlanFacts&, const ipc::RewarmRequest&);

// The cells that a worker visits by itself: those of lengths and memory.
[[nodiscard]] bool visited_by_worker(const PlanCell&) noexcept;

// About eight of the rungs, from the first to the last, in steps of about the same ratio.
[[nodiscard]] std::vector<std::uint64_t> anchors_of(const std::vector<std::uint64_t>& rungs);

} // namespace embedd::daemon
