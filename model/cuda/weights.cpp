#include "model/cuda/weights.hpp"

#include "model/bert_tensors.hpp"
#include "model/cuda/upload.hpp"

#include <ATen/ops/empty.h>
#include <c10/cuda/CUDAGuard.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace embedd::model {

namespace {

using Names = BertTensors;

// Reads tensors until the first failure; what is made after that is never used.
class Reader {
public:
    Reader(Checkpoint& checkpoint, Dtype dtype, const LoadProgress& progress)
        : upload_(checkpoint, progress), type_(scalar_type(dtype))
    {
    }

    at::Tensor table(const std::string& name, std::int64_t rows, std::int64_t width)
    {
        auto into = place({rows, width}, type_);
        read(name, {rows, width}, into);
        return into;
    }

    // Layers that read the same rows, one below the other.
    CudaLinear linear(std::initializer_list<std::string> names, std::int64_t outputs, std::int64_t inputs)
    {
        const auto all = static_cast<std::int64_t>(names.size()) * outputs;
        CudaLinear linear{
            .weight = place({all, inputs}, type_), .bias = {}, .wide_bias = place({all}, at::kFloat)};
        std::int64_t row = 0;
        for (const auto& name : names) {
            read(name + ".weight", {outputs, inputs}, linear.weight.narrow(0, row, outputs));
            read(name + ".bias", {outputs}, linear.wide_bias.narrow(0, row, outputs));
            row += outputs;
        }
        linear.bias = linear.wide_bias.to(type_);
        return linear;
    }

    CudaNorm norm(const std::string& name, std::int64_t width)
    {
        CudaNorm norm{.gain = {},
                      .bias = {},
                      .wide_gain = place({width}, at::kFloat),
                      .wide_bias = place({width}, at::kFloat)};
        read(name + ".weight", {width}, norm.wide_gain);
        read(name + ".bias", {width}, norm.wide_bias);
        norm.gain = norm.wide_gain.to(type_);
        norm.bias = norm.wide_bias.to(type_);
        return norm;
    }

    void finish() { upload_.finish(); }

    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
    at::Tensor place(at::IntArrayRef shape, at::ScalarType type)
    {
        auto tensor = at::empty(shape, at::TensorOptions().device(at::kCUDA).dtype(type));
        bytes_ += tensor.nbytes();
        return tensor;
    }

    void read(const std::string& name, std::initializer_list<std::int64_t> shape, const at::Tensor& into)
    {
        if (failure_)
            return;
        if (auto read = upload_.read(name, {shape.begin(), shape.size()}, into); !read)
            failure_ = read.error();
    }

    Upload upload_;
    at::ScalarType type_;
    std::uint64_t bytes_ = 0;
    std::optional<Failure> failure_;
};

CudaLayer read_layer(Reader& reader, const BertTensors& names, const ModelConfig& config, std::int64_t index)
{
    const auto name = [&](std::string_view part) { return names.layer(index, part); };
    const auto hidden = config.hidden_size;
    const auto wide = config.intermediate_size;
    // In the order of the CPU's reader, so that the checkpoint's fingerprint is the same.
    auto projection =
        reader.linear({name(Names::query), name(Names::key), name(Names::value)}, hidden, hidden);
    auto attended = reader.linear({name(Names::attended)}, hidden, hidden);
    auto attended_norm = reader.norm(name(Names::attended_norm), hidden);
    auto intermediate = reader.linear({name(Names::intermediate)}, wide, hidden);
    auto output = reader.linear({name(Names::output)}, hidden, wide);
    auto output_norm = reader.norm(name(Names::output_norm), hidden);
    return {std::move(projection),   std::move(attended), std::move(attended_norm),
            std::move(intermediate), std::move(output),   std::move(output_norm)};
}

} // namespace

at::ScalarType scalar_type(Dtype dtype)
{
    switch (dtype) {
    case Dtype::float32:
        return at::kFloat;
    case Dtype::bfloat16:
        return at::kBFloat16;
    case Dtype::float16:
        return at::kHalf;
    }
    return at::kFloat;
}

Result<CudaWeights> read_cuda_weights(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                                      const LoadProgress& progress)
{
    const BertTensors names(checkpoint);
    if (auto ours = names.refuse_others(checkpoint, config); !ours)
        return ours.error();
    const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool());
    Reader reader(checkpoint, dtype, progress);
    const auto hidden = config.hidden_size;
    CudaWeights weights;
    weights.words = reader.table(names.embedding(Names::words), config.vocab_size, hidden);
    weights.positions = reader.table(names.embedding(Names::positions), config.max_positions, hidden);
    weights.types = reader.table(names.embedding(Names::types), config.type_vocab_size, hidden);
    weights.embedding_norm = reader.norm(names.embedding(Names::embedding_norm), hidden);
    for (std::int64_t index = 0; index < config.layers && !reader.failure(); ++index)
        weights.layers.push_back(read_layer(reader, names, config, index));
    if (reader.failure())
        return *reader.failure();
    if (auto same = checkpoint.unchanged(); !same)
        return same.error();
    reader.finish();
    weights.bytes = reader.bytes();
    if (progress)
        progress(checkpoint.total_bytes(), checkpoint.total_bytes());
    return weights;
}

} // namespace embedd::model
