#include "console/presentation/state_view.hpp"

#include "console/presentation/units.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <span>

namespace embedd::console {

namespace {

struct Named {
    std::string_view state, word;
    Tone tone;
};

constexpr std::array<Named, 10> of_the_daemon{{{"ready", "READY", Tone::good},
                                               {"starting", "STARTING", Tone::busy},
                                               {"loading", "LOADING", Tone::busy},
                                               {"warming", "WARMING UP", Tone::busy},
                                               {"rewarming", "RE-WARMING", Tone::busy},
                                               {"reloading", "RELOADING", Tone::busy},
                                               {"degraded", "DEGRADED", Tone::attention},
                                               {"draining", "DRAINING", Tone::idle},
                                               {"stopping", "STOPPING", Tone::idle},
                                               {"failed", "FAILED", Tone::failed}}};

constexpr std::array<Named, 7> of_a_replica{{{"ready", "READY", Tone::good},
                                             {"busy", "BUSY", Tone::good},
                                             {"starting", "STARTING", Tone::busy},
                                             {"loading", "LOADING", Tone::busy},
                                             {"warming", "WARMING", Tone::busy},
                                             {"unhealthy", "UNHEALTHY", Tone::attention},
                                             {"dead", "DEAD", Tone::failed}}};

StateView view_of(std::string_view state, std::span<const Named> known)
{
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const Named& named) { return named.state == state; });
    if (found != known.end())
        return {std::string{found->word}, found->tone};
    constexpr std::size_t longest = 16;
    std::string word{state.substr(0, longest)};
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::toupper(c) : c); });
    return {word.empty() ? "UNKNOWN" : printable(word), Tone::unknown};
}

} // namespace

StateView state_view(std::string_view state)
{
    return view_of(state, of_the_daemon);
}

StateView replica_state_view(std::string_view state)
{
    return view_of(state, of_a_replica);
}

} // namespace embedd::console
