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
    Ceiling ceiling{.dtype = report.at("dtype"),
                    .lanes = 0,
                    .gflops = report.at("gflops"),
                    .linear_per_token = report.at("linear_operations_per_token"),
                    .attention_per_token_squared = report.at("attention_operations_per_token_squared")};
    for (const auto& point : report.at("points"))
        if (point.at("gflops") == ceiling.gflops)
            ceiling.lanes = point.at("lanes");
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
