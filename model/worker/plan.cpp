#include "model/worker/plan.hpp"

#include <algorithm>
#include <cmath>

namespace embedd::model {

namespace {

// Ids all over the vocabulary, so that the rows of the embedding table come from memory as a client's do.
std::int32_t id_at(std::int64_t place, std::int64_t vocabulary)
{
    constexpr std::int64_t stride = 7919;
    return static_cast<std::int32_t>(place * stride % vocabulary);
}

template <class NextLength>
DummyBatch dummy(std::int64_t rows, std::int64_t vocabulary, NextLength next_length)
{
    DummyBatch batch{.ids = {}, .offsets = {0}};
    for (std::int64_t place = 0; place < rows; ++place)
        batch.ids.push_back(id_at(place, vocabulary));
    for (std::int64_t end = 0; end < rows;) {
        end = std::min(rows, end + next_length());
        batch.offsets.push_back(static_cast<std::int32_t>(end));
    }
    return batch;
}

} // namespace

DummyBatch long_inputs(std::int64_t rows, std::int64_t longest, std::int64_t vocabulary)
{
    return dummy(rows, vocabulary, [longest] { return longest; });
}

DummyBatch short_inputs(std::int64_t rows, std::int64_t vocabulary)
{
    constexpr std::int64_t shortest = 8;
    constexpr std::int64_t lengths = 9;
    constexpr std::int64_t step = 4; // prime to `lengths`: every length comes before one comes again
    return dummy(rows, vocabulary, [turn = std::int64_t{0}]() mutable {
        turn = (turn + step) % lengths;
        return shortest + turn;
    });
}

std::vector<std::int64_t> anchors_of(std::span<const std::int64_t> rungs)
{
    constexpr int count = 8;
    const auto first = static_cast<double>(rungs.front());
    const auto ratio = static_cast<double>(rungs.back()) / first;
    std::vector<std::int64_t> anchors;
    for (int step = 0; step < count; ++step) {
        const auto rows =
            static_cast<std::int64_t>(std::lround(first * std::pow(ratio, step / (count - 1.0))));
        const auto rung = std::ranges::lower_bound(rungs, rows);
        anchors.push_back(rung == rungs.end() ? rungs.back() : *rung);
    }
    anchors.erase(std::ranges::unique(anchors).begin(), anchors.end());
    return anchors;
}

std::size_t primitives_needed(std::size_t rungs)
{
    // Query, key and value in one, attention's output, and two of the feed-forward; each may bring a reorder.
    constexpr std::size_t operations = 4;
    return rungs * operations * 2;
}

} // namespace embedd::model
