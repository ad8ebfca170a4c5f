#include "daemon/balancer.hpp"

#include <algorithm>
#include <cassert>

namespace embedd::daemon {

Replica& Balancer::choose(std::span<Replica* const> free)
{
    assert(!free.empty());
    auto chosen = free.begin();
    switch (how_) {
    case LoadBalancing::least_loaded:
        chosen = std::ranges::min_element(free, {}, &Replica::batches_running);
        break;
    case LoadBalancing::round_robin:
        chosen = std::ranges::find_if(free, [this](const auto* replica) { return replica->id() > last_; });
        if (chosen == free.end())
            chosen = free.begin();
        break;
    case LoadBalancing::random:
        chosen += std::uniform_int_distribution<std::ptrdiff_t>(0, std::ssize(free) - 1)(random_);
        break;
    }
    last_ = (*chosen)->id();
    return **chosen;
}

} // namespace embedd::daemon
