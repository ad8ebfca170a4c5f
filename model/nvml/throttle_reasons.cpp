#include "model/nvml/throttle_reasons.hpp"

#include <array>
#include <utility>

namespace embedd::nvml {

namespace {

constexpr std::uint64_t idle = 0x1;

constexpr std::array<std::pair<std::uint64_t, const char*>, 8> reasons{{
    {0x2, "applications_clocks_setting"},
    {0x4, "sw_power_cap"},
    {0x8, "hw_slowdown"},
    {0x10, "sync_boost"},
    {0x20, "sw_thermal_slowdown"},
    {0x40, "hw_thermal_slowdown"},
    {0x80, "hw_power_brake_slowdown"},
    {0x100, "display_clocks_setting"},
}};

} // namespace

std::vector<std::string> throttle_reasons(std::uint64_t bits)
{
    std::vector<std::string> words;
    std::uint64_t left = bits & ~idle;
    for (const auto& [bit, word] : reasons) {
        if ((left & bit) != 0)
            words.emplace_back(word);
        left &= ~bit;
    }
    if (left != 0)
        words.emplace_back("other"); // of a driver newer than this list
    return words;
}

} // namespace embedd::nvml
