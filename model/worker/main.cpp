#include "ipc/worker_protocol.hpp"
#include "model/config.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/backends.hpp"
#include "model/worker/bare_loop.hpp"
#include "model/worker/ceiling_report.hpp"
#include "model/worker/channel.hpp"
#include "model/worker/description.hpp"
#include "model/worker/device_figures.hpp"
#include "model/worker/heart_beat.hpp"
#include "model/worker/lanes.hpp"
#include "model/worker/loading.hpp"
#include "model/worker/options.hpp"
#include "model/worker/process.hpp"
#include "model/worker/resident.hpp"

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace embedd::model {

namespace {

ipc::ReplicaMemory told(const DeviceMemory& memory)
{
    return {.weights_bytes = memory.weights,
            .active_bytes = memory.active,
            .reserved_bytes = memory.reserved,
            .peak_bytes = memory.peak,
            .graphs_bytes = memory.graphs,
            .rss_bytes = {},
            .alloc_retries = memory.alloc_retries,
            .ooms = memory.ooms};
}

DeviceFigures::Settings figures_of(const Backend& backend, const std::string& bus_id, const Encoder& encoder)
{
    return {.id = backend.id(), .name = backend.name(), .bus_id = bus_id, .reserved_bytes = [&encoder] {
                return encoder.memory().reserved;
            }};
}

int serve(const ServeOptions& options)
{
    if (!Channel::usable(options.channel)) {
        std::fprintf(stderr, "embedd-worker: descriptor %d is no socket: the daemon starts workers\n",
                     options.channel);
        return static_cast<int>(ipc::WorkerExit::usage);
    }
    die_with_parent();
    keep_freed_memory();
    Channel channel(options.channel);
    const auto config = read_config(options.model.directory);
    if (!config)
        channel.fail(config.error());
    auto backends = named_backends(options.model);
    if (!backends)
        channel.fail(backends.error());
    for (const auto& backend : *backends)
        backend->settle_environment(backend->ladder(*config, options.model.max_batch_tokens));

    Activity activity;
    activity.enter("device.init");
    HeartBeat heart_beat(channel, activity);
    try {
        auto loaded = load_model(options.model, *config, std::move(*backends), channel, activity);
        if (!loaded)
            channel.fail(loaded.error());
        const auto& encoder = *loaded->encoder;
        heart_beat.memory([&] { return told(encoder.memory()); });
        std::optional<DeviceFigures> figures;
        if (const auto bus = loaded->backend->pci_bus_id()) {
            figures.emplace(figures_of(*loaded->backend, *bus, encoder));
            heart_beat.device([&] { return figures->latest(); });
        }
        activity.enter("loaded");
        channel.send(ipc::Loaded{.card = loaded->card,
                                 .lanes = loaded->lanes,
                                 .device_id = loaded->backend->id(),
                                 .device_name = loaded->backend->name(),
                                 .weights_bytes = encoder.memory().weights,
                                 .resident_bytes = encoder.memory().reserved.value_or(resident_bytes()),
                                 .rungs = {loaded->ladder.rungs().begin(), loaded->ladder.rungs().end()}});
        Lanes(channel, activity, *loaded->encoder, loaded->ladder, config->vocab_size).run(loaded->lanes);
    } catch (const std::exception& error) {
        channel.fail(ipc::WorkerExit::fault, error.what());
    }
}

} // namespace

} // namespace embedd::model

int main(int argc, char** argv)
{
    using namespace embedd::model;
    const auto options = read_options(argc, argv);
    if (const auto* finished = std::get_if<Finished>(&options))
        return finished->exit_code;
    if (const auto* ceiling = std::get_if<CeilingOptions>(&options))
        return report_ceiling(*ceiling);
    if (const auto* describe = std::get_if<DescribeOptions>(&options))
        return print_description(*describe);
    if (const auto* bare_loop = std::get_if<BareLoopOptions>(&options))
        return run_bare_loop(*bare_loop);
    return serve(std::get<ServeOptions>(options));
}
