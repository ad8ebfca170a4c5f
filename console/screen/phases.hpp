#pragma once

#include "ipc/status.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace embedd::console::screen {

// A phase, and the part of a start's time that is put down to it.
struct Leg {
    const ipc::PhaseStatus* phase = nullptr;
    std::uint64_t us = 0;
};

// What the time since exec was made of, first to last: seen from the end, the phase that ended last, before
// its beginning the one that ended last of those that began earlier, and so on. Of phases that overlap each
// moment belongs to one. Phases that have parts are their parts.
[[nodiscard]] std::vector<Leg> critical_path(const std::vector<ipc::PhaseStatus>&, std::uint64_t uptime_us);

// The phases one after another, each before its parts; bounded, whatever was sent.
struct PhaseLine {
    const ipc::PhaseStatus* phase = nullptr;
    int depth = 0;
};
[[nodiscard]] std::vector<PhaseLine> lines_of(const std::vector<ipc::PhaseStatus>&);

// A running one took what has passed since it began; nothing where it did not begin.
[[nodiscard]] std::optional<std::uint64_t> took_us(const ipc::PhaseStatus&, std::uint64_t uptime_us) noexcept;

// When it ended, or as far as it is; only of one that began.
[[nodiscard]] std::uint64_t end_us(const ipc::PhaseStatus&, std::uint64_t uptime_us) noexcept;

// How long the last start took, by the phases that this one waits for; and how long this one takes yet, by
// its pace and the last one's times. Nothing where a phase has no past, or failed.
[[nodiscard]] std::optional<std::uint64_t> last_start_us(const std::vector<ipc::PhaseStatus>&,
                                                         std::uint64_t uptime_us);
[[nodiscard]] std::optional<std::uint64_t> left_us(const std::vector<ipc::PhaseStatus>&);

} // namespace embedd::console::screen
