#include "model/worker/dummy_batch.hpp"

#include <algorithm>
#include <numeric>

namespace embedd::model {

namespace {

// Ids all over the vocabulary, so that the rows of the embedding table come from memory as a client's do.
std::int32_t id_at(std::int64_t place, std::int64_t vocabulary)
{
    constexpr std::int64_t stride = 7919;
    return static_cast<std::int32_t>(place * stride % vocabulary);
}

// Prime to `lengths`, so that every length comes before one comes again, and neighbours lie apart.
std::int64_t step_through(std::int64_t lengths)
{
    auto step = std::max<std::int64_t>(1, lengths * 4 / 9);
    while (std::gcd(step, lengths) != 1)
        ++step;
    return step;
}

} // namespace

DummyBatch dummy_batch(const DummyShape& shape)
{
    DummyBatch batch{.ids = {}, .offsets = {0}};
    for (std::int64_t place = 0; place < shape.rows; ++place)
        batch.ids.push_back(id_at(place, shape.vocabulary));

    const auto shortest = shape.uneven ? (shape.longest + 1) / 2 : shape.longest;
    const auto lengths = shape.longest - shortest + 1;
    const auto step = step_through(lengths);
    std::int64_t turn = 0;
    for (std::int64_t end = 0; end < shape.rows;) {
        turn = (turn + step) % lengths;
        end = std::min(shape.rows, end + shortest + turn);
        batch.offsets.push_back(static_cast<std::int32_t>(end));
    }
    return batch;
}

} // namespace embedd::model
