#include "model/pooling.hpp"

#include "model/settings_file.hpp"

#include <array>
#include <utility>
#include <vector>

namespace embedd::model {
namespace {

struct Spelling {
    const char* flag; // as a boolean of its own, in files of sentence-transformers before 5
    const char* mode; // as the value of "pooling_mode", since
    Pooling pooling;
};
constexpr std::array<Spelling, 4> spellings{{
    {"pooling_mode_cls_token", "cls", Pooling::cls},
    {"pooling_mode_mean_tokens", "mean", Pooling::mean},
    {"pooling_mode_max_tokens", "max", Pooling::max},
    {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", Pooling::mean_sqrt_len},
}};

Result<Pooling> mode_in(const SettingsFile& settings)
{
    if (settings.has("pooling_mode")) {
        const auto mode = settings.text("pooling_mode");
        if (!mode)
            return mode.error();
        for (const auto& spelling : spellings)
            if (*mode == spelling.mode)
                return spelling.pooling;
        return settings.unsupported("'pooling_mode' is " + in_quotes(*mode) +
                                    ": served are cls, mean, max and "
                                    "mean_sqrt_len_tokens");
    }
    std::vector<Pooling> chosen;
    for (const auto& spelling : spellings) {
        if (!settings.has(spelling.flag))
            continue;
        const auto flag = settings.boolean(spelling.flag);
        if (!flag)
            return flag.error();
        if (*flag)
            chosen.push_back(spelling.pooling);
    }
    for (const char* flag : {"pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"}) {
        if (settings.has(flag) && settings.json().at(flag) != false)
            return settings.unsupported("'" + std::string(flag) + "' is not served");
    }
    if (chosen.size() != 1)
        return settings.fault(std::to_string(chosen.size()) + " pooling modes are true, one must be");
    return chosen.front();
}

Result<Pooling> read_pooling_file(const std::filesystem::path& path, std::int64_t hidden_size)
{
    const auto settings = SettingsFile::open(path);
    if (!settings)
        return settings.error();
    const char* width =
        settings->has("embedding_dimension") ? "embedding_dimension" : "word_embedding_dimension";
    const auto dimension = settings->integer(width, 1);
    if (!dimension)
        return dimension.error();
    if (*dimension != hidden_size)
        return settings->fault("'" + std::string(width) + "' is " + std::to_string(*dimension) +
                               ", but config.json has 'hidden_size' " + std::to_string(hidden_size));
    if (settings->has("include_prompt") && settings->json().at("include_prompt") != true)
        return settings->unsupported("'include_prompt' false is not served");
    return mode_in(*settings);
}

} // namespace

Result<PoolingSteps> read_pooling(const std::filesystem::path& directory, std::int64_t hidden_size)
{
    const auto modules = SettingsFile::open(directory / "modules.json");
    if (!modules)
        return modules.error();
    if (!modules->json().is_array())
        return modules->fault("is not a JSON list");

    PoolingSteps steps;
    std::size_t place = 0;
    for (const auto& module : modules->json()) {
        if (!module.is_object() || !module.contains("type") || !module["type"].is_string() ||
            !module.contains("path") || !module["path"].is_string())
            return modules->fault("module " + std::to_string(place) + " lacks 'type' or 'path'");
        const auto type = module["type"].get<std::string>();
        const auto kind = type.substr(type.rfind('.') + 1);
        const auto path = module["path"].get<std::string>();
        if (path.find('/') != std::string::npos || path == "..")
            return modules->fault("'path' " + in_quotes(path) + " leaves the model");

        constexpr std::array<std::string_view, 3> order{"Transformer", "Pooling", "Normalize"};
        if (place >= order.size() || kind != order[place])
            return modules->unsupported("module " + std::to_string(place) + " is " + in_quotes(kind) +
                                        ": served are Transformer, Pooling and then perhaps Normalize");
        if (place == 0 && !path.empty())
            return modules->unsupported("a Transformer in " + in_quotes(path) +
                                        " and not in the model's directory");
        if (place == 1) {
            const auto pooling = read_pooling_file(directory / path / "config.json", hidden_size);
            if (!pooling)
                return pooling.error();
            steps.pooling = *pooling;
        }
        steps.normalize = place == 2;
        ++place;
    }
    if (place < 2)
        return modules->fault("names no Pooling");
    return steps;
}

} // namespace embedd::model
