#include "model/worker/loading.hpp"

#include "model/checkpoint.hpp"

#include <cstdio>
#include <string>
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
        if (finished_ || (!finished && done - told_ < total / messages))
            return; // whoever is told twice that a phase is finished takes it for a second one
        finished_ = finished;
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
    bool finished_ = false;
};

ipc::ModelCard card_of(const ModelOptions& options, const ModelConfig& config, Dtype dtype,
                       std::int64_t dimensions, std::uint64_t fingerprint)
{
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(fingerprint));
    return {.model = {.name = config.name,
                      .path = options.directory.string(),
                      .fingerprint = hex,
                      .architecture = config.architecture,
                      .dtype = name_of(dtype),
                      .dimensions = static_cast<std::uint64_t>(dimensions),
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

Result<LoadedModel> load_model(const ModelOptions& options, const ModelConfig& config, Backends backends,
                               Channel& channel, Activity& activity)
{
    Progress progress(channel, activity);
    progress.begin("device.init");
    auto checkpoint = Checkpoint::open(options.directory);
    if (!checkpoint)
        return checkpoint.error();
    // A GPU takes its time to be ready, a disk to be read.
    const std::jthread reading_ahead([&] { checkpoint->read_ahead(); });
    auto started = start_best(std::move(backends));
    if (!started)
        return started.error();
    auto& backend = **started;
    const auto dtype = backend.dtype(options.dtype);
    if (!dtype)
        return dtype.error();
    progress.end("device.init");

    progress.begin("weights.read");
    const auto lanes = static_cast<std::size_t>(options.lanes > 0 ? options.lanes : backend.lanes());
    auto ladder = backend.ladder(config, options.max_batch_tokens);
    auto encoder =
        backend.load(config, *checkpoint, *dtype, lanes, ladder.longest(),
                     [&](std::uint64_t done, std::uint64_t total) { progress.bytes(done, total); });
    if (!encoder)
        return encoder.error();
    if (const auto unchanged = checkpoint->unchanged(); !unchanged)
        return unchanged.error();
    progress.end("weights.place");

    // Mixed as boost::hash_combine does, so that equal halves do not cancel out.
    auto fingerprint = checkpoint->fingerprint();
    fingerprint ^= fingerprint_of(config) + 0x9e3779b97f4a7c15U + (fingerprint << 12U) + (fingerprint >> 4U);
    auto card = card_of(options, config, *dtype, (*encoder)->dimensions(), fingerprint);
    return LoadedModel{.backend = std::move(*started),
                       .encoder = std::move(*encoder),
                       .ladder = std::move(ladder),
                       .lanes = lanes,
                       .card = std::move(card)};
}

std::vector<std::string> tasks_of(const ModelConfig&)
{
    return {"embed"};
}

} // namespace embedd::model
