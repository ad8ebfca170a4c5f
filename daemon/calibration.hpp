#pragma once

#include "daemon/cost_model.hpp"
#include "ipc/worker_protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace embedd::daemon {

// Times of one shape, in µs of thread CPU time, in rounds that the warm-up repeats until they agree.
class Rounds {
public:
    // The times of one more round: at least one.
    void add(std::span<const std::uint64_t> times);

    [[nodiscard]] std::size_t count() const { return medians_.size(); }
    [[nodiscard]] bool settled() const; // the medians of the last two rounds agree within 5 %
    [[nodiscard]] std::uint64_t first() const { return first_; }
    [[nodiscard]] std::uint64_t steady() const; // the median of the last two rounds

private:
    std::uint64_t first_ = 0;
    std::vector<std::uint64_t> medians_;
    std::vector<std::uint64_t> last_, previous_;
};

// What a batch of `rows` rows costs, between and beyond the shapes that were timed: straight lines between
// neighbours, and the last one's rate beyond it. `timed` is ascending and not empty.
[[nodiscard]] std::uint64_t interpolate(std::span<const RungCost> timed, std::uint64_t rows);

struct BudgetLimits {
    std::uint64_t longest_input = 0;
    std::uint64_t max_latency_us = 0; // 0: none
    std::uint64_t fixed_tokens = 0;   // 0: measured
};

// Tokens a batch should hold at most: the longest input or the smallest rung within 3 % of the best
// throughput, whichever is more, as far as the latency allows. `costs` is ascending and not empty.
[[nodiscard]] std::uint64_t token_budget(std::span<const RungCost> costs, const BudgetLimits& limits);

// Why a batch was slower than a warm one: "rung" where nothing had visited its rows, or "slow"; "" where it
// was not. Nothing is expected before calibration.
//
// Time alone cannot tell: a neighbour in the caches, or on the host of a virtual machine, makes single
// batches up to twice as dear. But a warm batch touches no new memory, and whatever is built or grown for a
// cold one does: a batch is slow when it was both.
[[nodiscard]] std::string_view cold_cause(bool rows_were_warm, const ipc::BatchDone&,
                                          std::optional<std::uint64_t> expected_us);

} // namespace embedd::daemon
