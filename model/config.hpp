#pragma once

#include "model/failure.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace embedd::model {

enum class Pooling : std::uint8_t { cls, mean, max, mean_sqrt_len };

[[nodiscard]] const char* name_of(Pooling pooling);

// What a model directory says of itself: config.json, modules.json, 1_Pooling/config.json,
// sentence_bert_config.json, config_sentence_transformers.json.
struct ModelConfig {
    std::string name;         // the directory's, or what the files call it
    std::string architecture; // "BertModel"
    std::int64_t hidden_size = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t intermediate_size = 0;
    std::int64_t vocab_size = 0;
    std::int64_t max_positions = 0;
    std::int64_t type_vocab_size = 0;
    float layer_norm_eps = 0;
    std::int64_t pad_token_id = 0;
    Pooling pooling = Pooling::mean;
    bool normalize = false;
    std::int64_t max_tokens = 0; // of one input, special tokens included
    std::map<std::string, std::string> prompts;
    std::string default_prompt_name; // empty: none

    [[nodiscard]] std::int64_t head_size() const { return hidden_size / heads; }
    // Multiply and add count as two; the linear layers alone, for one token.
    [[nodiscard]] double linear_operations_per_token() const;
};

// Nothing that is missing is guessed, pooling least of all. A failure names the file and the key.
[[nodiscard]] Result<ModelConfig> read_config(const std::filesystem::path& directory);

// Of all that read_config reads and that changes a vector, for the model's fingerprint.
[[nodiscard]] std::uint64_t fingerprint_of(const ModelConfig& config);

} // namespace embedd::model
