#include "model/worker/ceiling_report.hpp"

#include "ipc/worker_protocol.hpp"
#include "model/ceiling.hpp"
#include "model/config.hpp"
#include "model/worker/cpu_backend.hpp"
#include "model/worker/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

namespace embedd::model {

namespace {

// A GEMM of this many rows runs at full speed, and batches have about as many.
constexpr std::int64_t rows = 256;

// The default model's, all-MiniLM-L6-v2.
ModelConfig default_shapes()
{
    ModelConfig config;
    config.name = "all-MiniLM-L6-v2";
    config.architecture = "BertModel";
    config.hidden_size = 384;
    config.layers = 6;
    config.heads = 12;
    config.intermediate_size = 1536;
    config.vocab_size = 30522;
    config.max_positions = 512;
    config.type_vocab_size = 2;
    config.max_tokens = 256;
    return config;
}

std::vector<int> lane_counts()
{
    const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    std::vector<int> counts;
    for (int lanes = 1; lanes < cores; lanes *= 2)
        counts.push_back(lanes);
    counts.push_back(cores);
    return counts;
}

} // namespace

int report_ceiling(const CeilingOptions& options)
{
    auto config = default_shapes();
    if (!options.model.empty()) {
        auto read = read_config(options.model);
        if (!read)
            return complain(read.error());
        config = std::move(*read);
    }

    const auto backend = cpu_backend();
    const auto named = backend->dtype(options.dtype);
    if (!named)
        return complain(named.error());
    const auto dtype = *named;
    const auto counts = lane_counts();
    auto rates = nlohmann::json::array();
    for (const auto lanes : counts) {
        const auto ceiling = measure_ceiling(config, dtype, lanes, rows,
                                             options.duration / static_cast<std::int64_t>(counts.size()));
        rates.push_back({{"threads", lanes}, {"gflops", ceiling.gflops}});
    }
    const nlohmann::json report{{"version", EMBEDD_VERSION},
                                {"device", backend->name()},
                                {"model", config.name},
                                {"dtype", name_of(dtype)},
                                {"layers", config.layers},
                                {"hidden_size", config.hidden_size},
                                {"intermediate_size", config.intermediate_size},
                                {"rows", rows},
                                {"rates", rates}};
    std::printf("%s\n", report.dump().c_str());
    return static_cast<int>(ipc::WorkerExit::ok);
}

} // namespace embedd::model
