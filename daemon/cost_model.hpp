#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace embedd::daemon {

// What a batch of so many rows costs one lane, in thread CPU time.
struct RungCost {
    std::uint64_t rows = 0;
    std::uint64_t device_us = 0;

    friend bool operator==(const RungCost&, const RungCost&) = default;
};

// What a batch costs one lane, as warm-up measured it: the currency of fairness, of deadlines and of filling.
class CostModel {
public:
    // Not measured: every token costs the same, and nothing is known of rungs.
    CostModel() = default;
    explicit CostModel(std::vector<RungCost> rungs);

    [[nodiscard]] bool measured() const noexcept { return !rungs_.empty(); }

    // The rows a batch of so many tokens is rounded up to.
    [[nodiscard]] std::uint64_t rung(std::uint64_t tokens) const;

    // Of a batch of so many tokens.
    [[nodiscard]] double microseconds(std::uint64_t tokens) const;

private:
    std::vector<RungCost> rungs_; // ascending, each costs at least what a smaller one does
};

} // namespace embedd::daemon
