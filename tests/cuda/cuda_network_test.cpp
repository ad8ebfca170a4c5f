// The network as the GPU computes it, on the processor: libtorch's operators do their work there, our kernels
// run on the emulated GPU, and attention, which libtorch has on a GPU alone, is written out.
#include "model/cuda/attention.hpp"
#include "model/cuda/network.hpp"
#include "model/cuda/staging.hpp"

#include "model/bert_tensors.hpp"
#include "tests/model/goldens.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/softmax.h>
#include <c10/core/InferenceMode.h>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace embedd::model {

// Rows of no input are what nobody may read.
at::Tensor attend(const at::Tensor& projected, const CudaBatch& batch, std::int64_t heads)
{
    const auto hidden = projected.size(1) / 3;
    const auto width = hidden / heads;
    auto attended =
        at::full({batch.rows(), hidden}, std::numeric_limits<double>::quiet_NaN(), projected.options());
    const auto* offsets = batch.offsets.const_data_ptr<std::int32_t>();
    for (std::int64_t input = 0; input < batch.count(); ++input) {
        const auto length = offsets[input + 1] - offsets[input];
        if (length == 0)
            continue;
        const auto parts = projected.narrow(0, offsets[input], length).view({length, 3, heads, width});
        const auto part = [&](std::int64_t index) { return parts.select(1, index).transpose(0, 1); };
        const auto scores = part(0).matmul(part(1).transpose(1, 2)) / std::sqrt(static_cast<double>(width));
        attended.narrow(0, offsets[input], length)
            .copy_(scores.softmax(-1).matmul(part(2)).transpose(0, 1).reshape({length, hidden}));
    }
    return attended;
}

namespace {

using testing::cosine;
using testing::read_goldens;
using Names = BertTensors;

// As weights.cpp lays them out.
class Weights {
public:
    Weights(const ModelConfig& config, Checkpoint& checkpoint) : checkpoint_(checkpoint), names_(checkpoint)
    {
        const auto hidden = config.hidden_size;
        weights_.words = read(names_.embedding(Names::words), {config.vocab_size, hidden});
        weights_.positions = read(names_.embedding(Names::positions), {config.max_positions, hidden});
        weights_.types = read(names_.embedding(Names::types), {config.type_vocab_size, hidden});
        weights_.embedding_norm = norm(names_.embedding(Names::embedding_norm), hidden);
        for (std::int64_t index = 0; index < config.layers; ++index) {
            const auto name = [&](std::string_view part) { return names_.layer(index, part); };
            const auto wide = config.intermediate_size;
            weights_.layers.push_back(
                {.projection =
                     linear({name(Names::query), name(Names::key), name(Names::value)}, hidden, hidden),
                 .attended = linear({name(Names::attended)}, hidden, hidden),
                 .attended_norm = norm(name(Names::attended_norm), hidden),
                 .intermediate = linear({name(Names::intermediate)}, wide, hidden),
                 .output = linear({name(Names::output)}, hidden, wide),
                 .output_norm = norm(name(Names::output_norm), hidden)});
        }
    }

    CudaWeights take() { return std::move(weights_); }

private:
    at::Tensor read(const std::string& name, std::vector<std::int64_t> shape)
    {
        auto tensor = at::empty(shape, at::kFloat);
        EXPECT_TRUE(checkpoint_.read(
            name, shape, {tensor.mutable_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())}));
        return tensor;
    }

    CudaLinear linear(const std::vector<std::string>& names, std::int64_t outputs, std::int64_t inputs)
    {
        std::vector<at::Tensor> weights, biases;
        for (const auto& name : names) {
            weights.push_back(read(name + ".weight", {outputs, inputs}));
            biases.push_back(read(name + ".bias", {outputs}));
        }
        const auto bias = at::cat(biases);
        return {.weight = at::cat(weights), .bias = bias, .wide_bias = bias};
    }

    CudaNorm norm(const std::string& name, std::int64_t width)
    {
        const auto gain = read(name + ".weight", {width}), bias = read(name + ".bias", {width});
        return {.gain = gain, .bias = bias, .wide_gain = gain, .wide_bias = bias};
    }

    Checkpoint& checkpoint_;
    BertTensors names_;
    CudaWeights weights_;
};

CudaNetwork load(const std::filesystem::path& directory, bool fused)
{
    const auto config = read_config(directory).value();
    auto checkpoint = Checkpoint::open(directory).value();
    return {config, Weights(config, checkpoint).take(), Dtype::float32, fused};
}

// A batch of the inputs whose numbers these are, with room for two inputs and seven rows more.
void expect_goldens(const CudaNetwork& network, const testing::Goldens& goldens,
                    const std::vector<std::size_t>& which)
{
    const c10::InferenceMode inference;
    std::vector<std::int32_t> ids, offsets{0};
    for (const auto input : which) {
        ids.insert(ids.end(), goldens.ids[input].begin(), goldens.ids[input].end());
        offsets.push_back(static_cast<std::int32_t>(ids.size()));
    }
    const auto rows = static_cast<std::int64_t>(ids.size()) + 7;
    Staging staging(rows, at::kCPU);
    const auto batch = staging.send(
        {ids, offsets, {}},
        {.rows = rows, .inputs = static_cast<std::int64_t>(which.size()) + 2, .longest = rows}, nullptr);

    const auto vectors = network.forward(batch);

    const auto width = static_cast<std::size_t>(network.config().hidden_size);
    for (std::size_t row = 0; row < which.size(); ++row)
        EXPECT_GE(cosine({vectors.const_data_ptr<float>() + row * width, width}, goldens.vectors[which[row]]),
                  0.99999)
            << "input " << which[row];
}

TEST(CudaNetwork, OfAtensOperatorsEqualsTheReference)
{
    const auto network = load(EMBEDD_TEST_MODEL, false);
    expect_goldens(network, read_goldens("minilm"), {0, 1, 2, 3, 4, 5, 6, 7});
}

TEST(CudaNetwork, OfOurKernelsEqualsTheReference)
{
    const auto network = load(EMBEDD_TEST_MODEL, true);
    expect_goldens(network, read_goldens("minilm"), {0, 1, 2, 3, 4, 5, 6, 7});
}

// Too narrow for our kernels.
TEST(CudaNetwork, PoolsAsTheModelSays)
{
    for (const std::string name : {"small_cls", "small_max", "small_mean_sqrt_len"})
        expect_goldens(load(std::filesystem::path(EMBEDD_TEST_DATA) / name, true), read_goldens(name),
                       {0, 1, 2, 3, 4, 5, 6, 7});
}

} // namespace
} // namespace embedd::model
