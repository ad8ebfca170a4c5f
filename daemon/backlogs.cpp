#include "daemon/backlogs.hpp"

#include <algorithm>
#include <bit>

namespace embedd::daemon {

void Backlogs::change(std::uint64_t from, std::uint64_t to)
{
    if (from > 0) {
        auto& size = sizes_[static_cast<std::size_t>(std::bit_width(from))];
        --size.count;
        size.tokens -= from;
    }
    if (to > 0) {
        auto& size = sizes_[static_cast<std::size_t>(std::bit_width(to))];
        ++size.count;
        size.tokens += to;
    }
}

std::uint64_t Backlogs::served_beside(std::uint64_t tokens) const
{
    std::uint64_t served = 0;
    for (std::size_t width = 1; width < sizes_.size(); ++width)
        served += std::min(sizes_[width].tokens, sizes_[width].count * tokens);
    return served;
}

} // namespace embedd::daemon
