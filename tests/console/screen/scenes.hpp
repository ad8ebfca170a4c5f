#pragma once

#include "console/screen/glyphs.hpp"
#include "console/screen/grid.hpp"
#include "console/screen/model.hpp"
#include "console/screen/update.hpp"

#include <cstdint>
#include <string>
#include <vector>

// Models as a console has them after it was told a story: by events alone.
namespace embedd::console::screen::test {

inline constexpr std::uint64_t gib = 1ULL << 30;
inline constexpr std::uint64_t mib = 1ULL << 20;

// A daemon's status `second` seconds after its start, as it serves with so many replicas. Load changes over
// time, but not from run to run.
[[nodiscard]] ipc::Status serving(std::uint64_t second, std::size_t replicas = 2);
[[nodiscard]] ipc::Status starting();

[[nodiscard]] Model opened(); // knows a socket, has heard nothing
[[nodiscard]] Model told(Model, const Event&);
[[nodiscard]] Model told(Model, ipc::Status, std::uint64_t now_us);
// Heard a status a second, the last `second` seconds after the daemon's start; each was changed so first.
[[nodiscard]] Model watched(std::uint64_t seconds, std::size_t replicas = 2,
                            void (*change)(ipc::Status&) = nullptr);
[[nodiscard]] Model lost(Model);
[[nodiscard]] Model pressed(Model, const std::string& keys); // '\n' Enter, '\x1b' Escape, '\t' Tab
[[nodiscard]] Model asked(Model);                            // w, and the daemon's answer to its dry run
[[nodiscard]] ipc::WarmUpReport report();

struct Frame {
    std::string name;
    Model model;
    Size size;
    GlyphSet glyphs = GlyphSet::ascii;
};
[[nodiscard]] std::vector<Frame> frames();

} // namespace embedd::console::screen::test
