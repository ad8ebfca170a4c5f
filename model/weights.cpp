#include "model/weights.hpp"

#include "model/bert_tensors.hpp"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace embedd::model {
namespace {

// Reads tensors by name until the first failure; what is read after that is empty and never used.
class Reader {
public:
    Reader(Checkpoint& checkpoint, const LoadProgress& progress)
        : checkpoint_(checkpoint), progress_(progress)
    {
    }

    std::vector<float> numbers(const std::string& name, std::initializer_list<std::int64_t> shape)
    {
        std::size_t count = 1;
        for (const auto size : shape)
            count *= static_cast<std::size_t>(size);
        // A hostile config.json may ask for more than the file holds: its shape is compared before the memory
        // is taken.
        const auto* entry = checkpoint_.find(name);
        std::vector<float> into;
        if (entry && std::equal(shape.begin(), shape.end(), entry->shape.begin(), entry->shape.end()))
            into.resize(count);
        if (!failure_)
            if (auto read = checkpoint_.read(name, shape, into); !read)
                failure_ = read.error();
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

    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

private:
    Checkpoint& checkpoint_;
    const LoadProgress& progress_;
    std::optional<Failure> failure_;
};

std::optional<EncoderLayer> read_layer(Reader& reader, const BertTensors& names, const ModelConfig& config,
                                       std::int64_t index, Dtype dtype)
{
    using Names = BertTensors;
    const auto name = [&](std::string_view part) { return names.layer(index, part); };
    const auto hidden = config.hidden_size;
    const auto wide = config.intermediate_size;
    auto projection = reader.linear({name(Names::query), name(Names::key), name(Names::value)}, hidden,
                                    hidden, dtype, Activation::none);
    auto attended = reader.linear({name(Names::attended)}, hidden, hidden, dtype, Activation::none);
    auto attended_norm = reader.norm(name(Names::attended_norm), hidden);
    auto intermediate = reader.linear({name(Names::intermediate)}, wide, hidden, dtype, Activation::gelu);
    auto output = reader.linear({name(Names::output)}, hidden, wide, dtype, Activation::none);
    auto output_norm = reader.norm(name(Names::output_norm), hidden);
    if (reader.failure())
        return std::nullopt;
    return EncoderLayer{std::move(*projection),   std::move(*attended), std::move(attended_norm),
                        std::move(*intermediate), std::move(*output),   std::move(output_norm)};
}

} // namespace

Result<BertWeights> read_weights(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                                 const LoadProgress& progress)
{
    const BertTensors names(checkpoint);
    if (auto ours = names.refuse_others(checkpoint, config); !ours)
        return ours.error();
    Reader reader{checkpoint, progress};
    const auto hidden = config.hidden_size;
    BertWeights weights;
    {
        auto words = reader.numbers(names.embedding(BertTensors::words), {config.vocab_size, hidden});
        if (reader.failure())
            return *reader.failure();
        weights.words = at::from_blob(words.data(), {config.vocab_size, hidden}, at::kFloat)
                            .to(scalar_type(dtype), /*non_blocking=*/false, /*copy=*/true);
    }
    weights.positions =
        reader.numbers(names.embedding(BertTensors::positions), {config.max_positions, hidden});
    weights.types = reader.numbers(names.embedding(BertTensors::types), {config.type_vocab_size, hidden});
    weights.embedding_norm = reader.norm(names.embedding(BertTensors::embedding_norm), hidden);
    for (std::int64_t index = 0; index < config.layers; ++index) {
        auto layer = read_layer(reader, names, config, index, dtype);
        if (!layer)
            break;
        weights.layers.push_back(std::move(*layer));
    }
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
