#include "model/config.hpp"

#include "model/pooling.hpp"
#include "model/settings_file.hpp"
#include "model/weight_numbers.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace embedd::model {
namespace {

// A value that changes the network must be the one that is served.
Result<void> require(const SettingsFile& settings, std::string_view key, std::string_view served)
{
    const auto value = settings.text(key);
    if (!value)
        return value.error();
    if (*value != served)
        return settings.unsupported("'" + std::string(key) + "' is " + in_quotes(*value) + ": served is '" +
                                    std::string(served) + "'");
    return {};
}

Result<std::string> read_architecture(const SettingsFile& settings)
{
    if (auto bert = require(settings, "model_type", "bert"); !bert)
        return bert.error();
    const auto list = settings.json().find("architectures");
    if (list == settings.json().end() || !list->is_array() || list->size() != 1 || !list->front().is_string())
        return settings.fault("'architectures' is not a list of one name");
    const auto architecture = list->front().get<std::string>();
    constexpr std::array<std::string_view, 3> served{"BertModel", "BertForMaskedLM", "BertForPreTraining"};
    if (std::find(served.begin(), served.end(), architecture) == served.end())
        return settings.unsupported("'architectures' is " + in_quotes(architecture) +
                                    ": served is 'BertModel'");
    if (auto gelu = require(settings, "hidden_act", "gelu"); !gelu)
        return gelu.error();
    if (settings.has("position_embedding_type"))
        if (auto absolute = require(settings, "position_embedding_type", "absolute"); !absolute)
            return absolute.error();
    if (settings.has("is_decoder") && settings.json().at("is_decoder") != false)
        return settings.unsupported("'is_decoder' is not false");
    return architecture;
}

Result<void> read_network(const std::filesystem::path& path, ModelConfig& config)
{
    const auto settings = SettingsFile::open(path);
    if (!settings)
        return settings.error();
    if (!settings->json().is_object())
        return settings->fault("is not a JSON object");
    auto architecture = read_architecture(*settings);
    if (!architecture)
        return architecture.error();
    config.architecture = std::move(*architecture);

    struct Wanted {
        const char* key;
        std::int64_t* into;
        std::int64_t least, most;
    };
    // The limits keep every product of sizes far below overflow.
    const std::array<Wanted, 7> wanted{{{"hidden_size", &config.hidden_size, 1, 16'384},
                                        {"num_hidden_layers", &config.layers, 1, 256},
                                        {"num_attention_heads", &config.heads, 1, 1'024},
                                        {"intermediate_size", &config.intermediate_size, 1, 65'536},
                                        {"vocab_size", &config.vocab_size, 1, 4'000'000},
                                        {"max_position_embeddings", &config.max_positions, 2, 131'072},
                                        {"type_vocab_size", &config.type_vocab_size, 1, 16}}};
    for (const auto& [key, into, least, most] : wanted) {
        const auto value = settings->integer(key, least, most);
        if (!value)
            return value.error();
        *into = *value;
    }
    if (config.hidden_size % config.heads != 0)
        return settings->fault("'num_attention_heads' " + std::to_string(config.heads) +
                               " does not divide 'hidden_size' " + std::to_string(config.hidden_size));
    const auto pad = settings->integer("pad_token_id", 0, config.vocab_size - 1);
    if (!pad)
        return pad.error();
    config.pad_token_id = *pad;
    const auto epsilon = settings->number("layer_norm_eps");
    if (!epsilon)
        return epsilon.error();
    if (!(*epsilon > 0 && *epsilon < 1))
        return settings->fault("'layer_norm_eps' is not between 0 and 1");
    config.layer_norm_eps = static_cast<float>(*epsilon);
    return {};
}

// The least of what the network and the files' own limits allow.
Result<std::int64_t> read_max_tokens(const std::filesystem::path& directory, std::int64_t max_positions)
{
    std::error_code ignored;
    const auto path = directory / "sentence_bert_config.json";
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
        return max_positions;
    const auto settings = SettingsFile::open(path);
    if (!settings)
        return settings.error();
    if (settings->has("do_lower_case") && settings->json().at("do_lower_case") != false)
        return settings->unsupported("'do_lower_case' is not false: the tokenizer decides that");
    if (!settings->has("max_seq_length"))
        return max_positions;
    const auto limit = settings->integer("max_seq_length", 3);
    if (!limit)
        return limit.error();
    return std::min(*limit, max_positions);
}

Result<void> read_prompts(const std::filesystem::path& path, ModelConfig& config)
{
    std::error_code ignored;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
        return {};
    const auto settings = SettingsFile::open(path);
    if (!settings)
        return settings.error();
    if (!settings->json().is_object())
        return settings->fault("is not a JSON object");
    if (settings->has("prompts")) {
        const auto& prompts = settings->json().at("prompts");
        if (!prompts.is_object())
            return settings->fault("'prompts' is not a JSON object");
        for (const auto& [name, text] : prompts.items()) {
            if (!text.is_string())
                return settings->fault("'prompts' has no text for " + in_quotes(name));
            config.prompts.emplace(name, text.get<std::string>());
        }
    }
    if (!settings->has("default_prompt_name"))
        return {};
    const auto chosen = settings->text("default_prompt_name");
    if (!chosen)
        return chosen.error();
    if (!config.prompts.contains(*chosen))
        return settings->fault("'default_prompt_name' is " + in_quotes(*chosen) + ", which 'prompts' lacks");
    config.default_prompt_name = *chosen;
    return {};
}

std::string name_from(const std::filesystem::path& directory)
{
    std::error_code ignored;
    const auto whole = std::filesystem::absolute(directory, ignored).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

} // namespace

const char* name_of(Pooling pooling)
{
    switch (pooling) {
    case Pooling::cls:
        return "cls";
    case Pooling::mean:
        return "mean";
    case Pooling::max:
        return "max";
    case Pooling::mean_sqrt_len:
        return "mean_sqrt_len";
    }
    return "";
}

double ModelConfig::linear_operations_per_token() const
{
    const auto hidden = static_cast<double>(hidden_size);
    return 2 * static_cast<double>(layers) * hidden *
           (4 * hidden + 2 * static_cast<double>(intermediate_size));
}

Result<ModelConfig> read_config(const std::filesystem::path& directory)
{
    ModelConfig config;
    config.name = name_from(directory);
    if (auto network = read_network(directory / "config.json", config); !network)
        return network.error();
    const auto steps = read_pooling(directory, config.hidden_size);
    if (!steps)
        return steps.error();
    config.pooling = steps->pooling;
    config.normalize = steps->normalize;
    const auto max_tokens = read_max_tokens(directory, config.max_positions);
    if (!max_tokens)
        return max_tokens.error();
    config.max_tokens = *max_tokens;
    if (auto prompts = read_prompts(directory / "config_sentence_transformers.json", config); !prompts)
        return prompts.error();
    return config;
}

std::uint64_t fingerprint_of(const ModelConfig& config)
{
    std::string settings = config.architecture + '|' + name_of(config.pooling) + '|' +
                           std::to_string(config.layer_norm_eps * 1e12f) + '|' + config.default_prompt_name;
    for (const auto value : {config.hidden_size, config.layers, config.heads, config.intermediate_size,
                             config.max_positions, config.max_tokens, std::int64_t{config.normalize}})
        settings += '|' + std::to_string(value);
    for (const auto& [name, text] : config.prompts)
        settings += '|' + name + '=' + text;
    return checksum(0, std::as_bytes(std::span(settings)));
}

} // namespace embedd::model
