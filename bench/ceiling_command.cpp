#include "bench/ceiling.hpp"
#include "bench/command.hpp"

#include <memory>
#include <stdexcept>

namespace embedd::bench {

namespace {

using nlohmann::json;

void run(const Settings& settings, const std::vector<std::string>& dtypes)
{
    if (settings.model.empty())
        throw std::runtime_error("--model DIR is needed: the ceiling is measured at its shapes");
    json rows = json::array();
    for (const auto& dtype : dtypes) {
        const auto ceiling = measure_ceiling(settings.worker, settings.model, dtype);
        rows.push_back({{"dtype", ceiling.dtype}, {"lanes", ceiling.lanes}, {"GFLOP/s", ceiling.gflops}});
    }
    print(settings, {"dtype", "lanes", "GFLOP/s"}, rows);
}

} // namespace

void add_ceiling(CLI::App& app, const Settings& settings)
{
    const auto dtypes =
        std::make_shared<std::vector<std::string>>(std::vector<std::string>{"float32", "bfloat16"});
    auto* command = app.add_subcommand("ceiling", "The rate of matrix products at the model's shapes");
    command->add_option("--dtypes", *dtypes, "Which")->delimiter(',');
    command->callback([&settings, dtypes] { run(settings, *dtypes); });
}

} // namespace embedd::bench
