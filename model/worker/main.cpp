#include "ipc/worker_protocol.hpp"
#include "model/config.hpp"
#include "model/ladder.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/bare_loop.hpp"
#include "model/worker/ceiling_report.hpp"
#include "model/worker/channel.hpp"
#include "model/worker/description.hpp"
#include "model/worker/heart_beat.hpp"
#include "model/worker/lanes.hpp"
#include "model/worker/loading.hpp"
#include "model/worker/options.hpp"
#include "model/worker/process.hpp"
#include "model/worker/resident.hpp"

#include <cstdio>
#include <exception>
#include <variant>

namespace embedd::model {

namespace {

ipc::WorkerExit exit_of(Errc code)
{
    switch (code) {
    case Errc::file_refused:
    case Errc::unsupported:
        return ipc::WorkerExit::model_fault;
    case Errc::input_refused:
    case Errc::out_of_memory:
    case Errc::internal:
        return ipc::WorkerExit::fault;
    }
    return ipc::WorkerExit::fault;
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
    const auto& device = options.model.device;
    if (device != "auto" && device != "cpu")
        channel.fail(ipc::WorkerExit::device_missing, "device " + device + ": this build has only cpu");
    const auto config = read_config(options.model.directory);
    if (!config)
        channel.fail(exit_of(config.error().code), config.error().detail);
    auto ladder = ladder_of(*config, options.model);
    provide_for_primitives(primitives_needed(ladder.rungs().size()));

    Activity activity;
    activity.enter("device.init");
    HeartBeat heart_beat(channel, activity);
    try {
        const auto loaded = load_model(options, *config, channel, activity);
        if (!loaded)
            channel.fail(exit_of(loaded.error().code), loaded.error().detail);
        const auto lanes = static_cast<std::size_t>(options.model.lanes);
        const auto weights_bytes = static_cast<std::uint64_t>(loaded->network.weights_bytes());
        heart_beat.weights(weights_bytes);
        activity.enter("loaded");
        channel.send(ipc::Loaded{.card = loaded->card,
                                 .lanes = lanes,
                                 .device_name = processor_name(),
                                 .weights_bytes = weights_bytes,
                                 .resident_bytes = resident_bytes(),
                                 .rungs = {ladder.rungs().begin(), ladder.rungs().end()}});
        Lanes(channel, activity, loaded->network, std::move(ladder), config->vocab_size).run(lanes);
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
