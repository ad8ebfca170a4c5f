#pragma once

#include "ipc/status.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace embedd::ipc {

// Latencies in 64 buckets an octave, 1 µs to 134 s: a bucket's midpoint is at most 0.8 % off. Counts only
// grow. The layout is HdrHistogram's (hdrhistogram.org) with 6 bits of sub-bucket. A value; not thread-safe.
class Histogram {
public:
    static constexpr std::size_t sub_buckets = 64;
    static constexpr std::size_t octaves = 22;

    void record(std::chrono::microseconds value, std::uint64_t times = 1) noexcept;
    void merge(const Histogram& other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t sum_us() const noexcept { return sum_us_; }

    // The midpoint of the bucket the quantile (0 .. 1) falls in; nothing while empty.
    [[nodiscard]] std::optional<std::chrono::microseconds> quantile(double q) const noexcept;
    // The largest value of that bucket: what is above it is certainly above the quantile.
    [[nodiscard]] std::optional<std::chrono::microseconds> quantile_bound(double q) const noexcept;
    [[nodiscard]] std::optional<std::chrono::microseconds> max() const noexcept;

    [[nodiscard]] LatencyStatus to_status() const;

private:
    [[nodiscard]] std::size_t bucket_at(double q) const noexcept; // not while empty

    std::array<std::uint64_t, sub_buckets * octaves> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_us_ = 0;
    std::uint64_t max_us_ = 0;
};

} // namespace embedd::ipc
