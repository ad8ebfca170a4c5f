#pragma once

#include "daemon/lifecycle.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace embedd::daemon {

// How long to wait before the next try: doubling from `first` to `most`, and from `first` again once the last
// try held for `calm`.
class Backoff {
public:
    struct Limits {
        std::chrono::milliseconds first{100}, most{10'000}, calm{60'000};
    };

    explicit Backoff(Limits limits) : limits_(limits), next_(limits.first) {}

    // The wait after a failure; `held` is how long the last try served.
    [[nodiscard]] std::chrono::milliseconds after_failure(Clock::duration held)
    {
        if (held >= limits_.calm)
            next_ = limits_.first;
        const auto wait = next_;
        next_ = std::min(next_ * 2, limits_.most);
        return wait;
    }

private:
    Limits limits_;
    std::chrono::milliseconds next_;
};

} // namespace embedd::daemon
