#include "model/ladder.hpp"

#include <algorithm>
#include <cassert>

namespace embedd::model {

Ladder::Ladder(std::int64_t batch_budget, std::int64_t longest_input)
{
    const auto longest = std::max({batch_budget, longest_input, std::int64_t{8}});
    const auto step_after = [&](std::int64_t rows) -> std::int64_t {
        if (rows < 64)
            return 8;
        if (rows < 256)
            return 16;
        return rows < batch_budget ? 32 : 64;
    };
    rungs_.push_back(8);
    while (rungs_.back() < longest)
        rungs_.push_back(rungs_.back() + step_after(rungs_.back()));
}

std::int64_t Ladder::rung_for(std::int64_t rows) const
{
    assert(rows >= 1 && rows <= longest());
    return *std::lower_bound(rungs_.begin(), rungs_.end(), rows);
}

std::size_t primitives_needed(std::size_t rungs)
{
    // Query, key and value in one, attention's output, and two of the feed-forward; each may bring a reorder.
    constexpr std::size_t operations = 4;
    return rungs * operations * 2;
}

} // namespace embedd::model
