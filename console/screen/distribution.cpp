#include "console/screen/distribution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace embedd::console::screen {

namespace {

// The layout of ipc/histogram.hpp: 64 buckets an octave, one each below 64 µs.
std::uint64_t middle_of(std::uint64_t upper_us) noexcept
{
    constexpr int bits = 6;
    const int octave = static_cast<int>(std::bit_width(upper_us)) - 1 - bits;
    return octave <= 0 ? upper_us : upper_us - (std::uint64_t{1} << octave) / 2;
}

} // namespace

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept
{
    return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max()
                                                             : a + b;
}

Distribution::Distribution(const ipc::LatencyStatus& status) : max_us_(status.max_us)
{
    for (const auto& [upper, count] : status.buckets) {
        if (buckets_.size() == most_buckets)
            break;
        buckets_.push_back({upper, count});
    }
    sort_and_sum();
}

void Distribution::add(const Distribution& other)
{
    buckets_.insert(buckets_.end(), other.buckets_.begin(), other.buckets_.end());
    max_us_ = std::max(max_us_, other.max_us_);
    sort_and_sum();
}

Distribution Distribution::since(const Distribution& earlier) const
{
    Distribution later;
    auto before = earlier.buckets_.begin();
    for (const auto& bucket : buckets_) {
        if (before != earlier.buckets_.end() && before->upper_us < bucket.upper_us)
            return *this;
        const auto known =
            before != earlier.buckets_.end() && before->upper_us == bucket.upper_us ? (before++)->count : 0;
        if (known > bucket.count)
            return *this;
        if (bucket.count > known)
            later.buckets_.push_back({bucket.upper_us, bucket.count - known});
    }
    if (before != earlier.buckets_.end())
        return *this;
    if (earlier.count_ == 0 || max_us_ > earlier.max_us_)
        later.max_us_ = max_us_;
    later.sort_and_sum();
    return later;
}

std::optional<std::uint64_t> Distribution::quantile_us(double q) const noexcept
{
    constexpr double rounding = 1e-9; // 1 / (1 - 0.9) is a little more than 10
    if (count_ == 0 || static_cast<double>(count_) * (1 - q) < 1 - rounding)
        return std::nullopt;
    const auto rank = std::max(1.0, std::ceil(q * static_cast<double>(count_) - rounding));
    double seen = 0;
    for (const auto& bucket : buckets_) {
        seen += static_cast<double>(bucket.count);
        if (seen >= rank)
            return std::min(middle_of(bucket.upper_us), max_us_.value_or(bucket.upper_us));
    }
    return buckets_.back().upper_us;
}

std::optional<Distribution::Max> Distribution::max() const noexcept
{
    if (count_ == 0)
        return std::nullopt;
    return max_us_ ? Max{*max_us_, true} : Max{buckets_.back().upper_us, false};
}

void Distribution::sort_and_sum()
{
    std::sort(buckets_.begin(), buckets_.end(),
              [](const Bucket& a, const Bucket& b) { return a.upper_us < b.upper_us; });
    std::vector<Bucket> merged;
    count_ = 0;
    for (const auto& bucket : buckets_) {
        if (bucket.count == 0)
            continue;
        count_ = saturating_sum(count_, bucket.count);
        if (!merged.empty() && merged.back().upper_us == bucket.upper_us)
            merged.back().count = saturating_sum(merged.back().count, bucket.count);
        else
            merged.push_back(bucket);
    }
    buckets_ = std::move(merged);
}

const std::vector<std::string>& stage_names()
{
    static const std::vector<std::string> names{"queue", "tokenize", "forward", "serialize", "total"};
    return names;
}

Stages stages_of(const ipc::Status& status)
{
    Stages stages;
    for (const auto& [task, latencies] : status.latency)
        for (const auto& [stage, latency] : latencies)
            stages[stage].add(Distribution{latency});
    return stages;
}

} // namespace embedd::console::screen
