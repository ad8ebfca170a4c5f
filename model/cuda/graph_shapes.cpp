#include "model/cuda/graph_shapes.hpp"

#include <algorithm>
#include <array>

namespace embedd::model {

namespace {

// The flash kernel starts a block for each 128 rows of the longest input of each input and head; blocks
// beyond an input's end cost little, but not nothing: so few bounds, far apart.
constexpr std::int64_t attention_block = 128;
constexpr std::array<std::int64_t, 3> input_bounds{8, 64, 512};
constexpr std::int64_t least_tokens_an_input = 4;
constexpr std::int64_t rung_step = 64; // what is no rung comes once

std::vector<std::int64_t> inputs_of(std::int64_t rung)
{
    const auto most = rung / least_tokens_an_input;
    std::vector<std::int64_t> bounds;
    for (const auto bound : input_bounds)
        if (bounds.empty() || bounds.back() < most)
            bounds.push_back(std::min(bound, most));
    return bounds;
}

std::vector<std::int64_t> lengths_of(std::int64_t rung, std::int64_t longest_input)
{
    const auto most = std::min(rung, longest_input);
    if (most <= attention_block)
        return {most};
    return {attention_block, most};
}

} // namespace

std::vector<GraphShape> graph_shapes(std::int64_t rung, std::int64_t longest_input)
{
    std::vector<GraphShape> shapes;
    if (rung > most_graph_rows || rung % rung_step != 0)
        return shapes;
    for (const auto inputs : inputs_of(rung))
        for (const auto longest : lengths_of(rung, longest_input))
            shapes.push_back({.rows = rung, .inputs = inputs, .longest = longest});
    std::ranges::reverse(shapes);
    return shapes;
}

std::optional<GraphShape> graph_shape_for(std::int64_t rung, std::int64_t inputs, std::int64_t longest,
                                          std::int64_t longest_input)
{
    std::optional<GraphShape> smallest;
    for (const auto& shape : graph_shapes(rung, longest_input))
        if (inputs <= shape.inputs && longest <= shape.longest)
            smallest = shape;
    return smallest;
}

} // namespace embedd::model
