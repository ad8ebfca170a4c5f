#include "bench/lengths.hpp"

#include <algorithm>
#include <iterator>
#include <random>

namespace embedd::bench {

namespace {

// The ladder's steps up to the batch budget (docs/warmup.md).
std::uint64_t step_after(std::uint64_t rung)
{
    return rung < 64 ? 8 : rung < 256 ? 16 : 32;
}

} // namespace

std::vector<LengthPlan> plan_lengths(const LengthChoice& choice)
{
    std::mt19937_64 random{choice.seed};
    std::vector<LengthPlan> candidates;
    for (std::uint64_t below = 0; below < choice.longest;) {
        const auto rung = below + step_after(below);
        std::vector<std::uint64_t> lengths;
        for (auto length = below + 1; length < rung && length <= choice.longest; ++length)
            if (length % 8 != 0)
                lengths.push_back(length);
        below = rung;
        if (lengths.empty())
            continue;
        std::shuffle(lengths.begin(), lengths.end(), random);
        // The nearest ones, so that a first and its control differ by what is cold and not by their work.
        const auto named = lengths.front();
        const auto distance = [named](std::uint64_t length) {
            return length > named ? length - named : named - length;
        };
        std::stable_sort(lengths.begin(), lengths.end(),
                         [&](std::uint64_t a, std::uint64_t b) { return distance(a) < distance(b); });
        lengths.resize(std::min(lengths.size(), choice.draws));
        candidates.push_back({std::move(lengths)});
    }
    std::vector<LengthPlan> chosen;
    std::sample(candidates.begin(), candidates.end(), std::back_inserter(chosen), choice.lengths, random);
    std::shuffle(chosen.begin(), chosen.end(), random);
    return chosen;
}

} // namespace embedd::bench
