#include "daemon/processors.hpp"

#include <sched.h>

#include <fstream>
#include <map>
#include <string>
#include <utility>

namespace embedd::daemon {

namespace {

// The number that a file begins with.
int number_in(const std::filesystem::path& file, int otherwise)
{
    int number = 0;
    return std::ifstream(file) >> number ? number : otherwise;
}

} // namespace

std::vector<int> usable_cpus()
{
    std::vector<int> cpus;
    cpu_set_t usable;
    if (::sched_getaffinity(0, sizeof usable, &usable) != 0)
        return cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &usable))
            cpus.push_back(cpu);
    return cpus;
}

std::vector<Core> cores_of(std::span<const int> cpus, const std::filesystem::path& topology)
{
    std::map<std::pair<int, int>, Core> by_place; // package, the core's first CPU
    for (const int cpu : cpus) {
        const auto place = topology / ("cpu" + std::to_string(cpu)) / "topology";
        const int package = number_in(place / "physical_package_id", 0);
        by_place[{package, number_in(place / "core_cpus_list", cpu)}].push_back(cpu);
    }
    std::vector<Core> cores;
    for (auto& [place, core] : by_place)
        cores.push_back(std::move(core));
    return cores;
}

} // namespace embedd::daemon
