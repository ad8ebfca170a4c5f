#include "ipc/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace embedd::ipc {

namespace {

// Values below one octave of sub-buckets have a bucket each; from there on the top six bits after the leading
// one count.
constexpr std::size_t bits = std::bit_width(Histogram::sub_buckets) - 1;

std::size_t bucket_of(std::uint64_t us) noexcept
{
    if (us < Histogram::sub_buckets)
        return us;
    const auto octave = std::bit_width(us) - 1 - bits;
    const auto bucket = (octave + 1) * Histogram::sub_buckets + (us >> octave) - Histogram::sub_buckets;
    return std::min(bucket, Histogram::sub_buckets * Histogram::octaves - 1);
}

// The largest value of a bucket.
std::uint64_t upper_bound(std::size_t bucket) noexcept
{
    if (bucket < Histogram::sub_buckets)
        return bucket;
    const auto octave = bucket / Histogram::sub_buckets - 1;
    const auto place = bucket % Histogram::sub_buckets + Histogram::sub_buckets;
    return ((place + 1) << octave) - 1;
}

std::uint64_t midpoint(std::size_t bucket) noexcept
{
    const auto below = bucket == 0 ? 0 : upper_bound(bucket - 1) + 1;
    return (below + upper_bound(bucket)) / 2;
}

std::optional<std::uint64_t> count_of(std::optional<std::chrono::microseconds> value)
{
    return value ? std::optional{static_cast<std::uint64_t>(value->count())} : std::nullopt;
}

} // namespace

void Histogram::record(std::chrono::microseconds value, std::uint64_t times) noexcept
{
    const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.count()));
    buckets_[bucket_of(us)] += times;
    count_ += times;
    sum_us_ += us * times;
    if (times > 0)
        max_us_ = std::max(max_us_, us);
}

void Histogram::merge(const Histogram& other) noexcept
{
    for (std::size_t i = 0; i < buckets_.size(); ++i)
        buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    sum_us_ += other.sum_us_;
    max_us_ = std::max(max_us_, other.max_us_);
}

std::size_t Histogram::bucket_at(double q) const noexcept
{
    const auto rank = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_))));
    std::size_t bucket = 0;
    for (auto seen = buckets_[0]; seen < rank && bucket + 1 < buckets_.size(); seen += buckets_[bucket])
        ++bucket;
    return bucket;
}

std::optional<std::chrono::microseconds> Histogram::quantile(double q) const noexcept
{
    if (count_ == 0)
        return std::nullopt;
    return std::chrono::microseconds{std::min(midpoint(bucket_at(q)), max_us_)};
}

std::optional<std::chrono::microseconds> Histogram::quantile_bound(double q) const noexcept
{
    if (count_ == 0)
        return std::nullopt;
    return std::chrono::microseconds{upper_bound(bucket_at(q))};
}

std::optional<std::chrono::microseconds> Histogram::max() const noexcept
{
    return count_ == 0 ? std::nullopt : std::optional{std::chrono::microseconds{max_us_}};
}

LatencyStatus Histogram::to_status() const
{
    LatencyStatus status;
    status.count = count_;
    status.p50_us = count_of(quantile(0.5));
    status.p90_us = count_of(quantile(0.9));
    status.p99_us = count_of(quantile(0.99));
    status.p999_us = count_of(quantile(0.999));
    status.max_us = count_of(max());
    for (std::size_t i = 0; i < buckets_.size(); ++i)
        if (buckets_[i] > 0)
            status.buckets.emplace_back(upper_bound(i), buckets_[i]);
    return status;
}

} // namespace embedd::ipc
