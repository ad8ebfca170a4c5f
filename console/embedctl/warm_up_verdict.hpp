#pragma once

#include "ipc/status.hpp"

#include <span>
#include <string>

namespace embedd::console {

// What a warm-up must have reached: first request ÷ control, in the median over lengths and of the worst.
struct RatioBounds {
    double median;
    double worst;
};

struct Verdict {
    bool kept = false;
    std::string text; // one line, without a newline: which warm-up, what it reached, what to do
};

// Whether the newest of `warmups`, which come oldest first, was verified and is within the bounds.
[[nodiscard]] Verdict judge(std::span<const ipc::WarmUpRecord> warmups, const RatioBounds&);

} // namespace embedd::console
