#include "model/ladder.hpp"

#include <algorithm>
#include <cassert>

namespace embedd::model {

template <class StepAfter>
Ladder::Ladder(std::int64_t first, std::int64_t longest, const StepAfter& step_after) : rungs_{first}
{
    while (rungs_.back() < longest)
        rungs_.push_back(rungs_.back() + step_after(rungs_.back()));
}

Ladder Ladder::for_cpu(std::int64_t batch_budget, std::int64_t longest_input)
{
    return {8, std::max(batch_budget, longest_input), [&](std::int64_t rows) -> std::int64_t {
                if (rows < 64)
                    return 8;
                if (rows < 256)
                    return 16;
                return rows < batch_budget ? 32 : 64;
            }};
}

Ladder Ladder::for_gpu(std::int64_t batch_budget, std::int64_t longest_input)
{
    return {64, std::max(batch_budget, longest_input), [](std::int64_t rows) -> std::int64_t {
                if (rows < 512)
                    return 64;
                if (rows < 1024)
                    return 128;
                return rows < 4096 ? 256 : 512;
            }};
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
