#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace embedd::console {

// What a state means to whoever operates the service.
enum class Tone : std::uint8_t { good, busy, attention, failed, idle, unknown };

struct StateView {
    std::string word; // "READY", "WARMING UP"; of a state we do not know its own name, made printable and cut
    Tone tone = Tone::unknown;

    friend bool operator==(const StateView&, const StateView&) = default;
};

// Of the daemon, and of one of its replicas.
[[nodiscard]] StateView state_view(std::string_view state);
[[nodiscard]] StateView replica_state_view(std::string_view state);

} // namespace embedd::console
