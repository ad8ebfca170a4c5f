#include "daemon/worker_command.hpp"

#include "daemon/placement.hpp"
#include "daemon/program_path.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace embedd::daemon {

namespace {

// `sharers`: replicas on the same device, this one among them.
std::vector<std::string> arguments_of(const Options& options, const Placement& place, std::ptrdiff_t sharers)
{
    std::vector<std::string> arguments{"--model", options.model.string(), "--device", place.device,
                                       "--dtype", options.dtype};
    const auto add = [&](const char* flag, std::uint64_t value) {
        if (value == 0)
            return;
        arguments.emplace_back(flag);
        arguments.push_back(std::to_string(value));
    };
    if (place.device != "cpu")
        arguments.insert(arguments.end(),
                         {"--gpu-memory-fraction",
                          std::to_string(options.gpu_memory_fraction / static_cast<double>(sharers))});
    add("--lanes", options.lanes);
    add("--max-batch-tokens", options.max_batch_tokens);
    return arguments;
}

} // namespace

Result<std::filesystem::path> worker_program(const Options& options)
{
    return options.worker.empty() ? companion_program("embedd-worker") : options.worker;
}

std::vector<WorkerCommand> worker_commands(const Options& options, const std::filesystem::path& program,
                                           std::span<const Core> cores)
{
    std::vector<WorkerCommand> commands;
    const auto places = place_replicas(options, cores);
    for (const auto& place : places)
        commands.push_back({.program = program,
                            .arguments = arguments_of(
                                options, place, std::ranges::count(places, place.device, &Placement::device)),
                            .device = place.device == "auto" ? "cpu" : place.device,
                            .cpus = place.cpus});
    return commands;
}

} // namespace embedd::daemon
