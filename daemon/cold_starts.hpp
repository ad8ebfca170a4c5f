#pragma once

#include "ipc/status.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace embedd::daemon {

// What the first batch of each shape cost beyond the later ones, where nothing was warmed up: what warm-up
// would have saved. Counted in thread CPU time, so that a busy machine does not look cold.
class ColdStarts {
public:
    void computed(const std::string& task, std::uint64_t rows, std::uint64_t device_us);

    [[nodiscard]] ipc::ColdStart sum() const;

private:
    struct Rows {
        std::uint64_t first_us = 0;
        std::optional<std::uint64_t> best_us; // of the later ones
    };
    std::map<std::pair<std::string, std::uint64_t>, Rows> rows_;
};

} // namespace embedd::daemon
