#pragma once

#include <filesystem>
#include <span>
#include <vector>

namespace embedd::daemon {

// CPUs of one core, as the kernel numbers them: several where a core runs several threads at once.
using Core = std::vector<int>;

// What this process may run on, ascending: a cgroup's cpuset and a taskset are respected. None where that
// cannot be asked (more than 1024 CPUs).
[[nodiscard]] std::vector<int> usable_cpus();

// These CPUs by core; cores of one package are neighbours. Without a topology each CPU is a core of its own.
[[nodiscard]] std::vector<Core> cores_of(std::span<const int> cpus,
                                         const std::filesystem::path& topology = "/sys/devices/system/cpu");

} // namespace embedd::daemon
