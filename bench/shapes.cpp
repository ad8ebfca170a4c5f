#include "bench/shapes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace embedd::bench {

using std::chrono::microseconds;

namespace {

constexpr double beyond = 1.5;
constexpr std::size_t known = 5; // times that make a median of a class worth something

int class_of(const Shape& shape)
{
    const auto tokens = std::accumulate(shape.begin(), shape.end(), std::uint64_t{0});
    return static_cast<int>(std::floor(2 * std::log2(static_cast<double>(tokens))));
}

bool exceeds(microseconds took, microseconds warm)
{
    return static_cast<double>(took.count()) > beyond * static_cast<double>(warm.count());
}

} // namespace

Shape Shapes::next()
{
    const auto shortest = std::min<std::uint64_t>(3, longest_);
    // Up to the next whole number, so that the longest length has its share too.
    std::uniform_real_distribution<double> exponent{std::log(static_cast<double>(shortest)),
                                                    std::log(static_cast<double>(longest_ + 1))};
    Shape shape(std::uniform_int_distribution<std::size_t>{1, 16}(random_));
    for (auto& tokens : shape)
        tokens =
            std::clamp(static_cast<std::uint64_t>(std::exp(exponent(random_)) + 1e-9), shortest, longest_);
    return shape;
}

bool SizeClasses::doubtful(const Shape& shape, microseconds took) const
{
    const auto found = classes_.find(class_of(shape));
    return found == classes_.end() || found->second.size() < known || exceeds(took, *median(found->second));
}

void SizeClasses::record(const Shape& shape, microseconds warm)
{
    classes_[class_of(shape)].push_back(warm);
}

ShapeTimes measure_shapes(Shapes shapes, std::uint64_t requests, const AskShape& ask)
{
    ShapeTimes times;
    SizeClasses classes;
    for (std::uint64_t i = 0; i < requests; ++i) {
        const auto shape = shapes.next();
        const auto took = ask(shape);
        times.first.record(took);
        if (!classes.doubtful(shape, took)) {
            classes.record(shape, took);
            continue;
        }
        // Only what is warm enters the class: else a start where everything is cold would look normal to
        // itself.
        const auto again = ask(shape);
        times.slow += exceeds(took, again) ? 1 : 0;
        classes.record(shape, again);
    }
    return times;
}

} // namespace embedd::bench
