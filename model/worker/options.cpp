#include "model/worker/options.hpp"

#include "ipc/worker_protocol.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <thread>

namespace embedd::model {

namespace {

int cores()
{
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

} // namespace

Options read_options(int argc, char** argv)
{
    ServeOptions serve{.model = {}, .device = "auto", .dtype = "auto", .lanes = cores()};
    double seconds = 2;
    bool ceiling = false;
    bool json = false;

    CLI::App app("One replica of embedd: loads a model, warms it up and computes batches for the daemon.",
                 "embedd-worker");
    app.set_version_flag("--version", "embedd-worker " EMBEDD_VERSION);
    app.add_option("--model", serve.model, "Hugging Face directory of the model");
    app.add_option("--device", serve.device, "auto or cpu")->capture_default_str();
    app.add_option("--dtype", serve.dtype, "auto, float32 or bfloat16")
        ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
        ->capture_default_str();
    auto* channel = app.add_option("--channel", serve.channel, "Descriptor of the socket to the daemon")
                        ->check(CLI::NonNegativeNumber);
    app.add_option("--lanes", serve.lanes, "Batches computed at once, a thread each")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    auto* measure =
        app.add_flag("--ceiling", ceiling, "Measure the machine instead of serving")->excludes(channel);
    app.add_option("--seconds", seconds, "Time for --ceiling")->needs(measure)->check(CLI::Range(0.1, 600.0));
    app.add_flag("--json", json, "Print --ceiling as JSON (the only format)")->needs(measure);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return Finished{app.exit(error) == 0 ? 0 : static_cast<int>(ipc::WorkerExit::usage)};
    }

    if (ceiling)
        return CeilingOptions{.model = serve.model,
                              .dtype = serve.dtype,
                              .duration =
                                  std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1e3)}};
    if (channel->empty() || serve.model.empty()) {
        app.exit(CLI::RequiredError("--ceiling, or --channel with --model,"));
        return Finished{static_cast<int>(ipc::WorkerExit::usage)};
    }
    return serve;
}

} // namespace embedd::model
