#include "model/packed_batch.hpp"

#include <algorithm>
#include <string>

namespace embedd::model {

namespace {

Failure input_refused(std::size_t input, const std::string& what)
{
    return {Errc::input_refused, "input " + std::to_string(input) + " " + what};
}

} // namespace

Result<void> check(const PackedBatch& batch, std::int64_t rung, std::size_t out, const ModelConfig& config)
{
    const auto rows = batch.ids.size();
    if (batch.offsets.size() < 2 || batch.offsets.front() != 0 ||
        batch.offsets.back() != static_cast<std::int64_t>(rows) || rung < static_cast<std::int64_t>(rows) ||
        out != (batch.offsets.size() - 1) * static_cast<std::size_t>(config.hidden_size) ||
        (!batch.type_ids.empty() && batch.type_ids.size() != rows))
        return Failure{Errc::input_refused,
                       "the batch's offsets, ids, rung and room for results do not match"};
    for (std::size_t input = 0; input + 1 < batch.offsets.size(); ++input) {
        const auto begin = batch.offsets[input];
        const auto end = batch.offsets[input + 1];
        if (begin < 0 || end <= begin || end > batch.offsets.back())
            return input_refused(input, "has no tokens");
        if (end - begin > config.max_positions)
            return input_refused(input, "has " + std::to_string(end - begin) + " tokens, more than " +
                                            std::to_string(config.max_positions));
        const auto in = [&](std::span<const std::int32_t> ids, std::int64_t limit) {
            return ids.empty() || std::all_of(ids.begin() + begin, ids.begin() + end,
                                              [&](std::int32_t id) { return id >= 0 && id < limit; });
        };
        if (!in(batch.ids, config.vocab_size) || !in(batch.type_ids, config.type_vocab_size))
            return input_refused(input, "has a token id or type id that the model does not know");
    }
    return {};
}

} // namespace embedd::model
