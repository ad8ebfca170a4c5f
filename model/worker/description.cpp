#include "model/worker/description.hpp"

#include "ipc/worker_protocol.hpp"
#include "model/worker/backends.hpp"
#include "model/worker/exit_code.hpp"
#include "model/worker/loading.hpp"

#include <cstdio>

namespace embedd::model {

namespace {

Result<ipc::WorkerDescription> describe(const ModelOptions& options)
{
    const auto config = read_config(options.directory);
    if (!config)
        return config.error();
    const auto started = start_named(options);
    if (!started)
        return started.error();
    const auto& [backend, dtype] = *started;
    const auto ladder = backend->ladder(*config, options.max_batch_tokens);
    return ipc::WorkerDescription{
        .name = config->name,
        .dtype = name_of(dtype),
        .max_tokens = static_cast<std::uint64_t>(config->max_tokens),
        .lanes = static_cast<std::uint64_t>(options.lanes > 0 ? options.lanes : backend->lanes()),
        .tasks = tasks_of(*config),
        .rungs = {ladder.rungs().begin(), ladder.rungs().end()},
        .operations_a_row = static_cast<std::uint64_t>(config->linear_operations_per_token())};
}

} // namespace

int print_description(const DescribeOptions& options)
{
    const auto description = describe(options.model);
    if (!description)
        return complain(description.error());
    std::fputs(ipc::to_line(*description).c_str(), stdout);
    return static_cast<int>(ipc::WorkerExit::ok);
}

} // namespace embedd::model
