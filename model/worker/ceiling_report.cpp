#include "model/worker/ceiling_report.hpp"

#include "ipc/worker_protocol.hpp"
#include "model/config.hpp"
#include "model/worker/backends.hpp"
#include "model/worker/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <utility>

namespace embedd::model {

namespace {

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

} // namespace

int report_ceiling(const CeilingOptions& options)
{
    auto config = default_shapes();
    if (!options.model.directory.empty()) {
        auto read = read_config(options.model.directory);
        if (!read)
            return complain(read.error());
        config = std::move(*read);
    }
    const auto started = start_named(options.model);
    if (!started)
        return complain(started.error());
    const auto& [backend, dtype] = *started;
    const auto ceiling = backend->ceiling(config, dtype, options.duration);
    if (!ceiling)
        return complain(ceiling.error());

    auto rates = nlohmann::json::array();
    for (const auto& rate : ceiling->rates)
        rates.push_back({{"threads", rate.lanes}, {"gflops", rate.gflops}});
    nlohmann::json report{{"version", EMBEDD_VERSION},
                          {"device", backend->name()},
                          {"model", config.name},
                          {"dtype", name_of(dtype)},
                          {"layers", config.layers},
                          {"hidden_size", config.hidden_size},
                          {"intermediate_size", config.intermediate_size},
                          {"rows", ceiling->rows},
                          {"rates", rates}};
    if (ceiling->copy_bytes_per_second)
        report["copy_bytes_per_second"] = *ceiling->copy_bytes_per_second;
    std::printf("%s\n", report.dump().c_str());
    return static_cast<int>(ipc::WorkerExit::ok);
}

} // namespace embedd::model
