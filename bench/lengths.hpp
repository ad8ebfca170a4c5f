#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace embedd::bench {

struct LengthChoice {
    std::uint64_t longest = 0; // tokens that the model takes
    std::size_t lengths = 12;
    std::size_t draws = 5; // first requests of each length
    std::uint64_t seed = 1;
};

// One length to try, and the neighbours that are tried with it: none is a multiple of 8, all are rounded up
// to the same rung, and no other plan has one on that rung.
struct LengthPlan {
    std::vector<std::uint64_t>
        unseen; // one for each draw, fewer on rungs too narrow; the first names the plan

    [[nodiscard]] std::uint64_t length() const { return unseen.front(); }
};

// Random lengths on rungs of their own, in random order: the first of them meets a rung that nothing has
// touched. Fewer than asked where the model is too short for so many. The same for the same choice.
//
// A daemon whose batch budget is small has rungs twice as wide beyond it: lengths then still share one within
// a plan, and two plans may share theirs.
[[nodiscard]] std::vector<LengthPlan> plan_lengths(const LengthChoice&);

} // namespace embedd::bench
