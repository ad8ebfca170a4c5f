#include "daemon/placement.hpp"

namespace embedd::daemon {

namespace {

std::vector<Core> split(std::span<const Core> cores)
{
    std::vector<Core> alone;
    for (const auto& core : cores)
        for (const int cpu : core)
            alone.push_back({cpu});
    return alone;
}

// Neighbours together.
void pin(std::span<Placement> replicas, std::span<const Core> cores)
{
    const auto count = replicas.size();
    for (std::size_t replica = 0; replica < count; ++replica) {
        const auto begin = replica * cores.size() / count;
        const auto end = (replica + 1) * cores.size() / count;
        for (const auto& core : cores.subspan(begin, end - begin))
            replicas[replica].cpus.insert(replicas[replica].cpus.end(), core.begin(), core.end());
    }
}

} // namespace

std::vector<Placement> place_replicas(const Options& options, std::span<const Core> cores)
{
    const auto& devices = options.devices;
    const bool dedicated = options.gpu_assignment == GpuAssignment::dedicated;
    std::vector<Placement> replicas(options.replicas * (dedicated ? devices.size() : 1));
    for (std::size_t replica = 0; replica < replicas.size(); ++replica)
        replicas[replica].device = devices[replica % devices.size()];

    const bool on_cpu = !devices.front().starts_with("cuda");
    if (!options.cpu_pinning || !on_cpu || replicas.size() < 2)
        return replicas;
    if (cores.size() >= replicas.size())
        pin(replicas, cores);
    else if (const auto cpus = split(cores); cpus.size() >= replicas.size())
        pin(replicas, cpus);
    return replicas;
}

} // namespace embedd::daemon
