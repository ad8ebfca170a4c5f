#include "model/worker/description.hpp"

#include "ipc/worker_protocol.hpp"
#include "model/worker/loading.hpp"

#include <algorithm>
#include <cstdio>

namespace embedd::model {

Ladder ladder_of(const ModelConfig& config, const ModelOptions& options)
{
    // More rows than the longest input are worth it only where that is very short.
    const auto budget = options.max_batch_tokens > 0 ? options.max_batch_tokens
                                                     : std::clamp<std::int64_t>(config.max_tokens, 256, 512);
    return {budget, config.max_tokens};
}

int print_description(const DescribeOptions& options)
{
    const auto config = read_config(options.model.directory);
    if (!config) {
        std::fprintf(stderr, "embedd-worker: %s\n", config.error().detail.c_str());
        return static_cast<int>(ipc::WorkerExit::model_fault);
    }
    ipc::WorkerDescription description{.name = config->name,
                                       .dtype = name_of(dtype_named(options.model.dtype)),
                                       .max_tokens = static_cast<std::uint64_t>(config->max_tokens),
                                       .lanes = static_cast<std::uint64_t>(options.model.lanes),
                                       .tasks = tasks_of(*config),
                                       .operations_a_row =
                                           static_cast<std::uint64_t>(config->linear_operations_per_token())};
    const auto ladder = ladder_of(*config, options.model);
    description.rungs.assign(ladder.rungs().begin(), ladder.rungs().end());
    std::fputs(ipc::to_line(description).c_str(), stdout);
    return static_cast<int>(ipc::WorkerExit::ok);
}

} // namespace embedd::model
