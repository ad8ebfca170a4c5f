#include "console/screen/model.hpp"

#include <algorithm>

namespace embedd::console::screen {

std::string_view word_of(Access access) noexcept
{
    switch (access) {
    case Access::full:
        break;
    case Access::read_only:
        return "read-only";
    case Access::replay:
        return "replay";
    }
    return {};
}

std::uint64_t age_us(const Model& model) noexcept
{
    return elapsed(model.record.came_us, model.now_us);
}

bool is_old(const Model& model) noexcept
{
    constexpr std::uint64_t least_us = 2'000'000; // at short intervals a pause is not a loss
    return model.link.state != Link::State::live ||
           (model.record.status && age_us(model) > std::max(least_us, 2 * model.interval_us));
}

std::size_t rows_of(const Model& model, Pane pane) noexcept
{
    const auto& status = model.drawn().status;
    if (!status)
        return 0;
    switch (pane) {
    case Pane::replicas:
        return status->replicas.size();
    case Pane::clients:
        return status->clients.size();
    case Pane::cold_hits:
        return status->warmup.cold_hits.recent.size();
    case Pane::events:
        return status->events.size();
    case Pane::warm_up:
        return status->warmup.last ? status->warmup.last->cells.size() : 0;
    default:
        return 0;
    }
}

} // namespace embedd::console::screen
