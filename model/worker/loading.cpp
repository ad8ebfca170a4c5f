#include "model/worker/loading.hpp"

#include "model/checkpoint.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace embedd::model {

namespace {

// Tells the daemon of the bytes read, some forty times in all, and then of their places.
class Progress {
public:
    Progress(Channel& channel, Activity& activity) : channel_(channel), activity_(activity) {}

    void begin(const std::string& phase)
    {
        activity_.enter(phase);
        channel_.send(
            ipc::LoadProgress{.phase = phase, .finished = false, .done = {}, .total = {}, .unit = ""});
    }

    void end(const std::string& phase)
    {
        channel_.send(
            ipc::LoadProgress{.phase = phase, .finished = true, .done = {}, .total = {}, .unit = ""});
    }

    void bytes(std::uint64_t done, std::uint64_t total)
    {
        constexpr std::uint64_t messages = 40;
        const bool finished = done >= total;
        if (!finished && done - told_ < total / messages)
            return;
        told_ = done;
        channel_.send(ipc::LoadProgress{
            .phase = "weights.read", .finished = finished, .done = done, .total = total, .unit = "bytes"});
        if (finished)
            begin("weights.place");
    }

private:
    Channel& channel_;
    Activity& activity_;
    std::uint64_t told_ = 0;
};

ipc::ModelCard card_of(const ServeOptions& options, const ModelConfig& config, Dtype dtype,
                       const Network& network, std::uint64_t fingerprint)
{
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(fingerprint));
    return {.model = {.name = config.name,
                      .path = options.model.directory.string(),
                      .fingerprint = hex,
                      .architecture = config.architecture,
                      .dtype = name_of(dtype),
                      .dimensions = static_cast<std::uint64_t>(network.dimensions()),
                      .max_tokens = static_cast<std::uint64_t>(config.max_tokens),
                      .tasks = tasks_of(config)},
            .pooling = name_of(config.pooling),
            .normalize = config.normalize,
            .vocabulary = config.vocab_size,
            .type_ids = config.type_vocab_size > 1,
            .prompts = config.prompts,
            .default_prompt_name = config.default_prompt_name};
}

} // namespace

Result<LoadedModel> load_model(const ServeOptions& options, const ModelConfig& config, Channel& channel,
                               Activity& activity)
{
    Progress progress(channel, activity);
    progress.begin("device.init");
    prepare_lane();
    const auto dtype = dtype_named(options.model.dtype);
    progress.end("device.init");

    progress.begin("weights.read");
    auto checkpoint = Checkpoint::open(options.model.directory);
    if (!checkpoint)
        return checkpoint.error();
    auto network = Network::load(config, *checkpoint, dtype, [&](std::uint64_t done, std::uint64_t total) {
        progress.bytes(done, total);
    });
    if (!network)
        return network.error();
    if (const auto unchanged = checkpoint->unchanged(); !unchanged)
        return unchanged.error();
    progress.end("weights.place");

    // Mixed as boost::hash_combine does, so that equal halves do not cancel out.
    auto fingerprint = checkpoint->fingerprint();
    fingerprint ^= fingerprint_of(config) + 0x9e3779b97f4a7c15U + (fingerprint << 12U) + (fingerprint >> 4U);
    auto card = card_of(options, config, dtype, *network, fingerprint);
    return LoadedModel{.network = std::move(*network), .card = std::move(card)};
}

std::vector<std::string> tasks_of(const ModelConfig&)
{
    return {"embed"};
}

Dtype dtype_named(std::string_view name)
{
    if (name == "float32")
        return Dtype::float32;
    return name == "bfloat16" ? Dtype::bfloat16 : best_dtype();
}

std::string processor_name()
{
    std::string name = "cpu";
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);)
        if (line.starts_with("model name")) {
            name = line.substr(std::min(line.size(), line.find(':') + 2));
            break;
        }
    return name + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores";
}

} // namespace embedd::model
