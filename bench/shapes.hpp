#pragma once

#include "bench/ratio.hpp"
#include "ipc/histogram.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <vector>

namespace embedd::bench {

// Tokens of each input of one request.
using Shape = std::vector<std::uint64_t>;

// Requests as clients have them: 1 to 16 inputs, each 3 tokens to the model's longest, log-uniform, so that
// short ones are as frequent as in life. The same for the same seed.
class Shapes {
public:
    Shapes(std::uint64_t longest, std::uint64_t seed) : longest_(longest), random_(seed) {}

    [[nodiscard]] Shape next();

private:
    std::uint64_t longest_;
    std::mt19937_64 random_;
};

using AskShape = std::function<std::chrono::microseconds(const Shape&)>;

struct ShapeTimes {
    ipc::Histogram first;   // of every request
    std::uint64_t slow = 0; // those that took more than 1.5 × the same shape sent again right away
};

// What requests of about one size cost once warm: the sizes are half octaves of the tokens in all.
class SizeClasses {
public:
    // Whether a request took so long for its size that it must be sent again to be judged: more than 1.5 ×
    // the median of its class, or in a class not known yet.
    [[nodiscard]] bool doubtful(const Shape&, std::chrono::microseconds took) const;
    // A time that is known to be a warm one, or was taken for one.
    void record(const Shape&, std::chrono::microseconds warm);

private:
    std::map<int, Times> classes_;
};

// Sends so many shapes, one after the other, and each doubtful one a second time.
[[nodiscard]] ShapeTimes measure_shapes(Shapes, std::uint64_t requests, const AskShape&);

} // namespace embedd::bench
