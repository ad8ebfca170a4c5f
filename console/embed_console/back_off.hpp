#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace embedd::console {

// How long to wait before the next try: twice as long each time, from a quarter of a second to five.
class BackOff {
public:
    static constexpr std::chrono::milliseconds shortest{250}, longest{5000};

    [[nodiscard]] std::chrono::milliseconds next() noexcept
    {
        ++tries_;
        const auto wait = wait_;
        wait_ = std::min(2 * wait_, longest);
        return wait;
    }
    void succeeded() noexcept { *this = {}; }
    [[nodiscard]] std::uint64_t tries() const noexcept { return tries_; } // since the last success

private:
    std::chrono::milliseconds wait_ = shortest;
    std::uint64_t tries_ = 0;
};

} // namespace embedd::console
