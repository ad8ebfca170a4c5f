#pragma once

#include "ipc/status.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace embedd::console::screen {

// Stays at the largest number rather than wrap.
[[nodiscard]] std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept;

// How long answers took: what a window's percentiles are read from. Sums do not wrap.
class Distribution {
public:
    // An upper bound in µs, at most which `count` answers took, and more than the bound before.
    struct Bucket {
        std::uint64_t upper_us = 0;
        std::uint64_t count = 0;

        friend bool operator==(const Bucket&, const Bucket&) = default;
    };
    static constexpr std::size_t most_buckets = 4096; // more than a daemon has: the rest is left out

    Distribution() = default;
    explicit Distribution(const ipc::LatencyStatus&);

    void add(const Distribution&);
    // What came after `earlier`; everything where a count fell, because then the daemon began anew.
    [[nodiscard]] Distribution since(const Distribution& earlier) const;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] const std::vector<Bucket>& buckets() const noexcept { return buckets_; }

    // The middle of the bucket a quantile (0 .. 1) falls in. Nothing with fewer than 1 / (1 - q) answers: a
    // percentile of them would be their maximum by another name.
    [[nodiscard]] std::optional<std::uint64_t> quantile_us(double q) const noexcept;

    // The longest. A part of a daemon's answers has a recorded maximum only where its own is the daemon's;
    // else no more than its last bucket's bound is known.
    struct Max {
        std::uint64_t us = 0;
        bool recorded = false;

        friend bool operator==(const Max&, const Max&) = default;
    };
    [[nodiscard]] std::optional<Max> max() const noexcept;

private:
    void sort_and_sum();

    std::vector<Bucket> buckets_; // by bound
    std::uint64_t count_ = 0;
    std::optional<std::uint64_t> max_us_;
};

// Those that are shown.
struct Percentile {
    std::string_view name;
    double quantile;
};
inline constexpr std::array<Percentile, 4> percentiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}};

// The stages a request goes through, in that order, and all of them together.
[[nodiscard]] const std::vector<std::string>& stage_names();

// Of all tasks, by stage.
using Stages = std::map<std::string, Distribution>;
[[nodiscard]] Stages stages_of(const ipc::Status&);

} // namespace embedd::console::screen
