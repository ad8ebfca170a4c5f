#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace embedd::daemon {

// How much waits of each of many, as a histogram by powers of two: enough to say what fair queueing serves to
// all of them, whatever their number.
class Backlogs {
public:
    void change(std::uint64_t from, std::uint64_t to); // of one; nothing waits of who is new or gone

    // What all are served while one that always waits is served so many tokens: each as many at most, and
    // no more than it has. Never too little.
    [[nodiscard]] std::uint64_t served_beside(std::uint64_t tokens) const;

private:
    struct Size {
        std::uint64_t count = 0, tokens = 0;
    };
    std::array<Size, 65> sizes_{}; // by bit width
};

} // namespace embedd::daemon
