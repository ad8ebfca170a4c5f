#include "daemon/worker_command.hpp"

#include "daemon/program_path.hpp"

namespace embedd::daemon {

Result<std::filesystem::path> worker_program(const Options& options)
{
    return options.worker.empty() ? companion_program("embedd-worker") : options.worker;
}

std::vector<std::string> worker_arguments(const Options& options)
{
    std::vector<std::string> arguments{"--model", options.model.string(), "--device", options.device,
                                       "--dtype", options.dtype};
    const auto add = [&](const char* flag, std::uint64_t value) {
        if (value == 0)
            return;
        arguments.emplace_back(flag);
        arguments.push_back(std::to_string(value));
    };
    add("--lanes", options.lanes);
    add("--max-batch-tokens", options.max_batch_tokens);
    return arguments;
}

} // namespace embedd::daemon
