#include "bench/ceiling.hpp"

#include "bench/child.hpp"

#include <nlohmann/json.hpp>

namespace embedd::bench {

double Ceiling::operations(std::uint64_t tokens, std::uint64_t squares) const noexcept
{
    return linear_per_token * static_cast<double>(tokens) +
           attention_per_token_squared * static_cast<double>(squares);
}

Ceiling ceiling_from(const nlohmann::json& report)
{
    const double layers = report.at("layers");
    const double hidden = report.at("hidden_size");
    const double intermediate = report.at("intermediate_size");
    Ceiling ceiling{.dtype = report.at("dtype"),
                    .lanes = 0,
                    .gflops = 0,
                    // Query, key, value and output; up and down.
                    .linear_per_token = layers * 2 * (4 * hidden * hidden + 2 * hidden * intermediate),
                    // Scores and their weighted sum.
                    .attention_per_token_squared = layers * 4 * hidden};
    for (const auto& rate : report.at("rates")) {
        if (rate.at("gflops") <= ceiling.gflops)
            continue;
        ceiling.gflops = rate.at("gflops");
        ceiling.lanes = rate.at("threads");
    }
    return ceiling;
}

Ceiling measure_ceiling(const std::filesystem::path& worker, const std::string& model,
                        const std::string& dtype)
{
    const auto output =
        output_of({worker.string(), "--ceiling", "--model", model, "--dtype", dtype, "--json"});
    return ceiling_from(nlohmann::json::parse(output));
}

} // namespace embedd::bench
