#include "model/bert_tensors.hpp"

#include <set>

namespace embedd::model {

BertTensors::BertTensors(const Checkpoint& checkpoint)
    : prefix_(checkpoint.find("bert.embeddings.word_embeddings.weight") ? "bert." : "")
{
}

std::string BertTensors::embedding(std::string_view part) const
{
    return prefix_ + "embeddings." + std::string{part};
}

std::string BertTensors::layer(std::int64_t index, std::string_view part) const
{
    return prefix_ + "encoder.layer." + std::to_string(index) + "." + std::string{part};
}

Result<void> BertTensors::refuse_others(const Checkpoint& checkpoint, const ModelConfig& config) const
{
    std::set<std::string> ours{embedding(words), embedding(positions), embedding(types)};
    const auto add = [&](const std::string& name) {
        ours.insert(name + ".weight");
        ours.insert(name + ".bias");
    };
    add(embedding(embedding_norm));
    for (std::int64_t index = 0; index < config.layers; ++index)
        for (const auto part :
             {query, key, value, attended, attended_norm, intermediate, output, output_norm})
            add(layer(index, part));
    for (const auto& name : checkpoint.names()) {
        const bool of_encoder =
            name.starts_with(prefix_ + "encoder.") || name.starts_with(prefix_ + "embeddings.");
        if (of_encoder && !ours.contains(name) && !name.ends_with(".position_ids"))
            return Failure{Errc::file_refused, checkpoint.describe(name) +
                                                   " is not part of the network that config.json describes"};
    }
    return {};
}

} // namespace embedd::model
