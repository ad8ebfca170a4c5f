#include "model/worker/bare_loop.hpp"

#include "ipc/worker_protocol.hpp"
#include "model/worker/backends.hpp"
#include "model/worker/exit_code.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace embedd::model {

namespace {

constexpr std::int64_t most_rows = 16384; // of a batch

// "12,40,7" as the offsets of a packed batch.
std::optional<std::vector<std::int32_t>> offsets_of(const std::string& line, std::int64_t longest)
{
    std::vector<std::int32_t> offsets{0};
    const char* at = line.data();
    const char* const end = at + line.size();
    while (true) {
        std::int32_t length = 0;
        const auto [after, fault] = std::from_chars(at, end, length);
        if (fault != std::errc{} || length < 1 || length > longest)
            return std::nullopt;
        offsets.push_back(offsets.back() + length);
        if (after == end)
            return offsets;
        if (*after != ',')
            return std::nullopt;
        at = after + 1;
    }
}

Result<std::unique_ptr<Encoder>> load(const ModelOptions& options, const ModelConfig& config)
{
    const auto started = start_named(options);
    if (!started)
        return started.error();
    auto checkpoint = Checkpoint::open(options.directory);
    if (!checkpoint)
        return checkpoint.error();
    return started->backend->load(config, *checkpoint, started->dtype, 1, most_rows,
                                  [](std::uint64_t, std::uint64_t) {});
}

} // namespace

int run_bare_loop(const BareLoopOptions& options)
{
    const auto config = read_config(options.model.directory);
    if (!config)
        return complain(config.error());
    const auto encoder = load(options.model, *config);
    if (!encoder)
        return complain(encoder.error());
    (*encoder)->enter_lane(0);
    std::cout << "{\"loaded\":true}" << std::endl;

    std::mt19937 random;
    std::uniform_int_distribution<std::int32_t> id(0, static_cast<std::int32_t>(config->vocab_size - 1));
    for (std::string line; std::getline(std::cin, line);) {
        const auto offsets = offsets_of(line, config->max_tokens);
        if (!offsets) {
            std::fprintf(stderr, "embedd-worker: a batch is token counts from 1 to %lld, like 12,40,7\n",
                         static_cast<long long>(config->max_tokens));
            return static_cast<int>(ipc::WorkerExit::usage);
        }
        const auto began = std::chrono::steady_clock::now();
        std::vector<std::int32_t> ids(static_cast<std::size_t>(offsets->back()));
        for (auto& value : ids)
            value = id(random);
        std::vector<float> vectors((offsets->size() - 1) *
                                   static_cast<std::size_t>((*encoder)->dimensions()));
        const auto done =
            (*encoder)->forward(0, {ids, *offsets, {}}, static_cast<std::int64_t>(ids.size()), vectors);
        if (!done)
            return complain(done.error());
        const auto took =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
        std::cout << "{\"us\":" << took.count() << '}' << std::endl;
    }
    return static_cast<int>(ipc::WorkerExit::ok);
}

} // namespace embedd::model
