#include "bench/let_pass.hpp"

#include <poll.h>

#include <algorithm>

namespace embedd::bench {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void let_pass(milliseconds time)
{
    const auto end = steady_clock::now() + time;
    for (auto now = steady_clock::now(); now < end; now = steady_clock::now()) {
        const auto left = std::min(std::chrono::ceil<milliseconds>(end - now), milliseconds{1'000'000});
        ::poll(nullptr, 0, static_cast<int>(left.count()));
    }
}

} // namespace embedd::bench
