#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

namespace embedd::model {

// What a CUDA graph is captured for. Inputs and lengths are bounds: their offsets are data that the kernels
// read, so one graph serves every batch within them.
struct GraphShape {
    std::int64_t rows = 0;    // of all linear layers: a rung
    std::int64_t inputs = 0;  // at most; those that are not there are empty
    std::int64_t longest = 0; // tokens of one input, at most

    auto operator<=>(const GraphShape&) const = default;
};

// Beyond these rows the GPU needs longer for a layer than the host for launching it.
inline constexpr std::int64_t most_graph_rows = 2048;

// All shapes that are captured for a rung, the largest first: later ones then find the memory of the first.
// None for a rung beyond most_graph_rows.
[[nodiscard]] std::vector<GraphShape> graph_shapes(std::int64_t rung, std::int64_t longest_input);

// The smallest of them that a batch fits into. None where it has so many inputs that hardly any has words in
// it, or the rung has no graphs: it is launched kernel by kernel.
[[nodiscard]] std::optional<GraphShape> graph_shape_for(std::int64_t rung, std::int64_t inputs,
                                                        std::int64_t longest, std::int64_t longest_input);

} // namespace embedd::model
