#pragma once

#include "model/checkpoint.hpp"
#include "model/config.hpp"
#include "model/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace embedd::model {

// What a BERT encoder's tensors are called in its checkpoint, with or without the "bert." before each.
class BertTensors {
public:
    explicit BertTensors(const Checkpoint& checkpoint);

    [[nodiscard]] std::string embedding(std::string_view part) const;
    [[nodiscard]] std::string layer(std::int64_t index, std::string_view part) const;

    static constexpr std::string_view words = "word_embeddings.weight";
    static constexpr std::string_view positions = "position_embeddings.weight";
    static constexpr std::string_view types = "token_type_embeddings.weight";
    static constexpr std::string_view embedding_norm = "LayerNorm";

    // Linear layers and norms: each has a ".weight" and a ".bias".
    static constexpr std::string_view query = "attention.self.query";
    static constexpr std::string_view key = "attention.self.key";
    static constexpr std::string_view value = "attention.self.value";
    static constexpr std::string_view attended = "attention.output.dense";
    static constexpr std::string_view attended_norm = "attention.output.LayerNorm";
    static constexpr std::string_view intermediate = "intermediate.dense";
    static constexpr std::string_view output = "output.dense";
    static constexpr std::string_view output_norm = "output.LayerNorm";

    // A tensor of the encoder that the network does not have means that the settings describe another one.
    [[nodiscard]] Result<void> refuse_others(const Checkpoint& checkpoint, const ModelConfig& config) const;

private:
    std::string prefix_;
};

} // namespace embedd::model
