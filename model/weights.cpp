#include "model/weights.hpp"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace embedd::model {
namespace {

// Reads tensors by name until the first failure; what is read after that is empty and never used.
class Reader {
public:
    Reader(Checkpoint& checkpoint, const LoadProgress& progress)
        : checkpoint_(checkpoint), progress_(progress),
          prefix_(checkpoint.find("bert.embeddings.word_embeddings.weight") ? "bert." : "")
    {
    }

    std::vector<float> numbers(const std::string& name, std::initializer_list<std::int64_t> shape)
    {
        std::size_t count = 1;
        for (const auto size : shape)
            count *= static_cast<std::size_t>(size);
        // A hostile config.json may ask for more than the file holds: its shape is compared before the memory
        // is taken.
        const auto* entry = checkpoint_.find(prefix_ + name);
        std::vector<float> into;
        if (entry && std::equal(shape.begin(), shape.end(), entry->shape.begin(), entry->shape.end()))
            into.resize(count);
        if (!failure_)
            if (auto read = checkpoint_.read(prefix_ + name, shape, into); !read)
                failure_ = read.error();
        used_.insert(prefix_ + name);
        if (progress_)
            progress_(checkpoint_.bytes_read(), checkpoint_.total_bytes());
        return into;
    }

    NormWeights norm(const std::string& name, std::int64_t width)
    {
        auto gain = numbers(name + ".weight", {width});
        return {std::move(gain), numbers(name + ".bias", {width})};
    }

    // Layers that read the same rows, as one.
    std::optional<Linear> linear(std::initializer_list<std::string> names, std::int64_t outputs,
                                 std::int64_t inputs, Dtype dtype, Activation activation)
    {
        std::vector<float> weights, bias;
        for (const auto& name : names) {
            const auto more_weights = numbers(name + ".weight", {outputs, inputs});
            const auto more_bias = numbers(name + ".bias", {outputs});
            weights.insert(weights.end(), more_weights.begin(), more_weights.end());
            bias.insert(bias.end(), more_bias.begin(), more_bias.end());
        }
        if (failure_)
            return std::nullopt;
        return Linear{weights, bias, inputs, dtype, activation};
    }

    // A tensor of the encoder that nobody read means that the settings describe another network.
    void refuse_unused()
    {
        for (const auto& name : checkpoint_.names()) {
            const bool ours =
                name.starts_with(prefix_ + "encoder.") || name.starts_with(prefix_ + "embeddings.");
            if (!failure_ && ours && !used_.contains(name) && !name.ends_with(".position_ids"))
                failure_ =
                    Failure{Errc::file_refused, checkpoint_.describe(name) +
                                                    " is not part of the network that config.json describes"};
        }
    }

    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

private:
    Checkpoint& checkpoint_;
    const LoadProgress& progress_;
    std::string prefix_;
    std::set<std::string> used_;
    std::optional<Failure> failure_;
};

std::optional<EncoderLayer> read_layer(Reader& reader, const ModelConfig& config, std::int64_t index,
                                       Dtype dtype)
{
    const auto at = "encoder.layer." + std::to_string(index) + ".";
    const auto hidden = config.hidden_size;
    const auto wide = config.intermediate_size;
    auto projection =
        reader.linear({at + "attention.self.query", at + "attention.self.key", at + "attention.self.value"},
                      hidden, hidden, dtype, Activation::none);
    auto attended = reader.linear({at + "attention.output.dense"}, hidden, hidden, dtype, Activation::none);
    auto attended_norm = reader.norm(at + "attention.output.LayerNorm", hidden);
    auto intermediate = reader.linear({at + "intermediate.dense"}, wide, hidden, dtype, Activation::gelu);
    auto output = reader.linear({at + "output.dense"}, hidden, wide, dtype, Activation::none);
    auto output_norm = reader.norm(at + "output.LayerNorm", hidden);
    if (reader.failure())
        return std::nullopt;
    return EncoderLayer{std::move(*projection),   std::move(*attended), std::move(attended_norm),
                        std::move(*intermediate), std::move(*output),   std::move(output_norm)};
}

} // namespace

Result<BertWeights> read_weights(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                                 const LoadProgress& progress)
{
    Reader reader{checkpoint, progress};
    const auto hidden = config.hidden_size;
    BertWeights weights;
    {
        auto words = reader.numbers("embeddings.word_embeddings.weight", {config.vocab_size, hidden});
        if (reader.failure())
            return *reader.failure();
        weights.words = at::from_blob(words.data(), {config.vocab_size, hidden}, at::kFloat)
                            .to(scalar_type(dtype), /*non_blocking=*/false, /*copy=*/true);
    }
    weights.positions =
        reader.numbers("embeddings.position_embeddings.weight", {config.max_positions, hidden});
    weights.types =
        reader.numbers("embeddings.token_type_embeddings.weight", {config.type_vocab_size, hidden});
    weights.embedding_norm = reader.norm("embeddings.LayerNorm", hidden);
    for (std::int64_t index = 0; index < config.layers; ++index) {
        auto layer = read_layer(reader, config, index, dtype);
        if (!layer)
            break;
        weights.layers.push_back(std::move(*layer));
    }
    reader.refuse_unused();
    if (reader.failure())
        return *reader.failure();
    if (auto same = checkpoint.unchanged(); !same)
        return same.error();
    if (progress)
        progress(checkpoint.total_bytes(), checkpoint.total_bytes());
    return weights;
}

std::size_t BertWeights::bytes() const
{
    const auto bytes_of_norm = [](const NormWeights& norm) { return 2 * norm.gain.size() * sizeof(float); };
    auto bytes =
        words.nbytes() + (positions.size() + types.size()) * sizeof(float) + bytes_of_norm(embedding_norm);
    for (const auto& layer : layers)
        bytes += layer.projection.bytes() + layer.attended.bytes() + layer.intermediate.bytes() +
                 layer.output.bytes() + bytes_of_norm(layer.attended_norm) + bytes_of_norm(layer.output_norm);
    return bytes;
}

} // namespace embedd::model
