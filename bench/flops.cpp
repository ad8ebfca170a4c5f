#include "bench/flops.hpp"

namespace embedd::bench {

double forward_flops(const EncoderShape& shape, std::uint64_t tokens, std::uint64_t squares) noexcept
{
    const auto h = static_cast<double>(shape.hidden);
    const auto i = static_cast<double>(shape.intermediate);
    const auto linear = 2 * (4 * h * h + 2 * h * i) * static_cast<double>(tokens);
    const auto attention = 4 * h * static_cast<double>(squares);
    return static_cast<double>(shape.layers) * (linear + attention);
}

} // namespace embedd::bench
