#pragma once

#include <cstdint>

namespace embedd::bench {

// The shape of a BERT encoder, as far as arithmetic goes.
struct EncoderShape {
    std::uint64_t layers = 0;
    std::uint64_t hidden = 0;
    std::uint64_t intermediate = 0;
};

// Operations of one forward pass: 2 for each multiply-add of the linear layers (4 h² + 2 h i a token and
// layer) and of attention's two products (4 h times the input's length a token and layer). `squares` is the
// sum of squared lengths. Norms, softmax and embeddings are left out, as in the ceiling it is compared with.
[[nodiscard]] double forward_flops(const EncoderShape&, std::uint64_t tokens, std::uint64_t squares) noexcept;

} // namespace embedd::bench
