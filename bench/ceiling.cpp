#include "bench/ceiling.hpp"

#include "bench/child.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace embedd::bench {

Ceiling measure_ceiling(const std::filesystem::path& worker, const std::string& model,
                        const std::string& dtype)
{
    const auto output =
        output_of({worker.string(), "--ceiling", "--model", model, "--dtype", dtype, "--json"});
    const auto answer = nlohmann::json::parse(output);
    Ceiling ceiling{.shape = {.layers = answer.at("layers"),
                              .hidden = answer.at("hidden_size"),
                              .intermediate = answer.at("intermediate_size")},
                    .dtype = answer.at("dtype"),
                    .threads = 0,
                    .gflops = 0};
    for (const auto& rate : answer.at("rates")) {
        const double gflops = rate.at("gflops");
        if (gflops > ceiling.gflops) {
            ceiling.gflops = gflops;
            ceiling.threads = rate.at("threads");
        }
    }
    if (ceiling.gflops <= 0)
        throw std::runtime_error(worker.string() + " --ceiling measured nothing");
    return ceiling;
}

nlohmann::json to_json(const Ceiling& ceiling)
{
    return {{"dtype", ceiling.dtype},
            {"threads", ceiling.threads},
            {"gflops", ceiling.gflops},
            {"layers", ceiling.shape.layers},
            {"hidden_size", ceiling.shape.hidden},
            {"intermediate_size", ceiling.shape.intermediate}};
}

} // namespace embedd::bench
