#include "daemon/cold_starts.hpp"

#include <algorithm>

namespace embedd::daemon {

void ColdStarts::computed(const std::string& task, std::uint64_t rows, std::uint64_t device_us)
{
    const auto [entry, first] = rows_.try_emplace({task, rows}, Rows{.first_us = device_us, .best_us = {}});
    if (!first)
        entry->second.best_us = std::min(entry->second.best_us.value_or(device_us), device_us);
}

ipc::ColdStart ColdStarts::sum() const
{
    ipc::ColdStart sum;
    for (const auto& [shape, rows] : rows_) {
        if (!rows.best_us)
            continue;
        ++sum.shapes;
        sum.first_us += rows.first_us;
        sum.steady_us += *rows.best_us;
    }
    return sum;
}

} // namespace embedd::daemon
