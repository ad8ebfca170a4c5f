#include "model/worker/options.hpp"

#include "ipc/worker_protocol.hpp"

#include <CLI/CLI.hpp>

namespace embedd::model {

Options read_options(int argc, char** argv)
{
    ServeOptions serve;
    auto& model = serve.model;
    double seconds = 2;
    bool ceiling = false;
    bool describe = false;
    bool bare_loop = false;
    bool json = false;

    CLI::App app("One replica of embedd: loads a model and computes batches for the daemon.",
                 "embedd-worker");
    app.set_version_flag("--version", "embedd-worker " EMBEDD_VERSION);
    app.add_option("--model", model.directory, "Hugging Face directory of the model");
    app.add_option("--device", model.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    app.add_option("--dtype", model.dtype, "auto, float32, bfloat16 or, on a GPU, float16")
        ->check(CLI::IsMember({"auto", "float32", "bfloat16", "float16"}))
        ->capture_default_str();
    auto* channel = app.add_option("--channel", serve.channel, "Descriptor of the socket to the daemon")
                        ->check(CLI::NonNegativeNumber);
    app.add_option("--lanes", model.lanes,
                   "Batches computed at once, a thread each; 0: as the device takes best")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_option("--max-batch-tokens", model.max_batch_tokens, "Tokens of a batch; 0: as warm-up measures")
        ->check(CLI::Range(0, 1 << 20));
    app.add_option("--gpu-memory-fraction", model.gpu_memory_fraction, "Of a GPU's memory, at most")
        ->check(CLI::Range(0.0001, 1.0))
        ->capture_default_str();
    app.add_option("--gpu-kernels", model.gpu_kernels, "fused: our own, or aten: libtorch's, their reference")
        ->check(CLI::IsMember({"fused", "aten"}))
        ->capture_default_str();
    auto* measure =
        app.add_flag("--ceiling", ceiling, "Measure the machine instead of serving")->excludes(channel);
    app.add_flag("--describe", describe, "Print the model's shapes as JSON instead of serving")
        ->excludes(channel)
        ->excludes(measure);
    app.add_flag("--bare-loop", bare_loop,
                 "Compute batches of the lengths on standard input, without ladder or warm-up")
        ->excludes(channel)
        ->excludes(measure);
    app.add_option("--seconds", seconds, "Time for --ceiling")->needs(measure)->check(CLI::Range(0.1, 600.0));
    app.add_flag("--json", json, "Print --ceiling as JSON (the only format)")->needs(measure);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return Finished{app.exit(error) == 0 ? 0 : static_cast<int>(ipc::WorkerExit::usage)};
    }

    if (ceiling)
        return CeilingOptions{
            .model = model, .duration = std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1e3)}};
    const bool apart = describe || bare_loop;
    if (model.directory.empty() || (channel->empty() && !apart)) {
        app.exit(CLI::RequiredError("--ceiling, or --model with --channel, --describe or --bare-loop,"));
        return Finished{static_cast<int>(ipc::WorkerExit::usage)};
    }
    if (describe)
        return DescribeOptions{.model = model};
    if (bare_loop)
        return BareLoopOptions{.model = model};
    return serve;
}

} // namespace embedd::model
