#include "daemon/host_memory.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace embedd::daemon {

namespace {

std::optional<std::uint64_t> of_host()
{
    std::ifstream file{"/proc/meminfo"};
    std::string name;
    std::uint64_t kibibytes = 0;
    for (std::string unit; file >> name >> kibibytes; std::getline(file, unit))
        if (name == "MemAvailable:")
            return kibibytes * 1024;
    return std::nullopt;
}

std::optional<std::uint64_t> number_in(const std::filesystem::path& path)
{
    std::ifstream file{path};
    std::uint64_t number = 0;
    return file >> number ? std::optional(number) : std::nullopt; // "max" is no number
}

// The tightest limit from our control group up (cgroup v2).
std::optional<std::uint64_t> of_groups()
{
    std::ifstream file{"/proc/self/cgroup"};
    std::string line;
    while (std::getline(file, line) && !line.starts_with("0::")) {
    }
    if (!line.starts_with("0::/"))
        return std::nullopt;
    std::optional<std::uint64_t> least;
    const std::filesystem::path root = "/sys/fs/cgroup";
    for (auto group = root / line.substr(4); group != root && group.has_relative_path();
         group = group.parent_path()) {
        const auto limit = number_in(group / "memory.max");
        const auto held = number_in(group / "memory.current");
        if (limit && held)
            least = std::min(least.value_or(UINT64_MAX), *limit - std::min(*limit, *held));
    }
    return least;
}

} // namespace

std::optional<std::uint64_t> available_memory()
{
    const auto host = of_host();
    const auto groups = of_groups();
    return host && groups ? std::optional(std::min(*host, *groups)) : host ? host : groups;
}

} // namespace embedd::daemon
