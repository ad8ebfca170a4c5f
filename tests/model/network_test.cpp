#include "model/ladder.hpp"
#include "model/network.hpp"
#include "model/normalize.hpp"
#include "tests/model/goldens.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <thread>

namespace embedd::model {
namespace {

using testing::cosine;
using testing::read_goldens;

const std::filesystem::path minilm{EMBEDD_TEST_MODEL};

struct Loaded {
    ModelConfig config;
    Network network;
    std::uint64_t fingerprint;
};

Loaded load(const std::filesystem::path& directory, Dtype dtype)
{
    prepare_lane();
    auto config = read_config(directory).value();
    auto checkpoint = Checkpoint::open(directory).value();
    auto network = Network::load(config, checkpoint, dtype, {}).value();
    return {std::move(config), std::move(network), checkpoint.fingerprint()};
}

using Ids = std::vector<std::vector<std::int32_t>>;
using Vectors = std::vector<std::vector<float>>;

Vectors embed(const Loaded& model, const Ids& inputs)
{
    std::vector<std::int32_t> ids, offsets{0};
    for (const auto& input : inputs) {
        ids.insert(ids.end(), input.begin(), input.end());
        offsets.push_back(static_cast<std::int32_t>(ids.size()));
    }
    const auto width = static_cast<std::size_t>(model.network.dimensions());
    std::vector<float> out(inputs.size() * width);
    const auto rows = static_cast<std::int64_t>(ids.size());
    const auto done =
        model.network.forward({ids, offsets, {}}, Ladder::for_cpu(rows, rows).rung_for(rows), out);
    EXPECT_TRUE(done) << (done ? "" : done.error().detail);
    if (model.config.normalize)
        normalize(out, width);
    Vectors vectors;
    for (std::size_t row = 0; row < inputs.size(); ++row)
        vectors.emplace_back(out.begin() + static_cast<std::ptrdiff_t>(row * width),
                             out.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
    return vectors;
}

float largest_difference(std::span<const float> a, std::span<const float> b)
{
    float largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

Ids first(const Ids& ids, std::size_t count)
{
    return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count)};
}

class Reference : public ::testing::TestWithParam<std::tuple<const char*, Dtype>> {};

TEST_P(Reference, IsMetByEveryTextAlone)
{
    const auto [name, dtype] = GetParam();
    const auto model =
        load(std::string(name) == "minilm" ? minilm : EMBEDD_TEST_DATA / std::filesystem::path(name), dtype);
    const auto goldens = read_goldens(name);
    const double bar = dtype == Dtype::float32 ? 0.99999 : 0.999;

    ASSERT_FALSE(goldens.ids.empty());
    for (std::size_t i = 0; i < goldens.ids.size(); ++i) {
        const auto vector = embed(model, {goldens.ids[i]}).front();
        EXPECT_GE(cosine(vector, goldens.vectors[i]), bar) << name << ", text " << i;
        const float room = dtype == Dtype::float32 ? 1e-4f : 0.5f;
        EXPECT_LE(largest_difference(vector, goldens.vectors[i]), room) << name << ", text " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Models, Reference,
                         ::testing::Combine(::testing::Values("minilm", "small_cls", "small_mean_sqrt_len",
                                                              "small_max"),
                                            ::testing::Values(Dtype::float32, Dtype::bfloat16)),
                         [](const auto& test) {
                             return std::string{std::get<0>(test.param)} + '_' +
                                    name_of(std::get<1>(test.param));
                         });

class EveryDtype : public ::testing::TestWithParam<Dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, EveryDtype, ::testing::Values(Dtype::float32, Dtype::bfloat16),
                         [](const auto& test) { return std::string{name_of(test.param)}; });

TEST_P(EveryDtype, GivesATextTheSameVectorInAnyBatchInAnyOrder)
{
    const auto model = load(minilm, GetParam());
    auto ids = first(read_goldens("minilm").ids, 60);
    // bfloat16 rounds at each layer, so that one bit of difference in a sum may grow to a few.
    const float bar = GetParam() == Dtype::float32 ? 1e-5f : 4e-3f;
    Vectors alone;
    for (const auto& input : ids)
        alone.push_back(embed(model, {input}).front());
    std::vector<std::size_t> order(ids.size());
    std::iota(order.begin(), order.end(), 0u);

    std::shuffle(order.begin(), order.end(), std::mt19937{7});
    Ids shuffled;
    for (const auto place : order)
        shuffled.push_back(ids[place]);
    const auto together = embed(model, shuffled);

    for (std::size_t i = 0; i < order.size(); ++i)
        EXPECT_LE(largest_difference(together[i], alone[order[i]]), bar) << "text " << order[i];
}

TEST_P(EveryDtype, GivesTwoLanesWhatItGivesOne)
{
    const auto model = load(minilm, GetParam());
    const auto ids = first(read_goldens("minilm").ids, 20);
    const auto expected = embed(model, ids);

    std::array<Vectors, 2> seen;
    {
        std::vector<std::jthread> lanes;
        for (auto& mine : seen)
            lanes.emplace_back([&] {
                prepare_lane();
                mine = embed(model, ids);
            });
    }

    EXPECT_EQ(seen[0], expected);
    EXPECT_EQ(seen[1], expected);
}

TEST(Network, HasOneFingerprintForEveryDtype)
{
    EXPECT_EQ(load(minilm, Dtype::float32).fingerprint, load(minilm, Dtype::bfloat16).fingerprint);
}

TEST(Network, RefusesABatchThatAKernelCouldNotTrust)
{
    const auto model = load(std::filesystem::path(EMBEDD_TEST_DATA) / "small_cls", Dtype::float32);
    std::vector<float> out(32);
    const auto code = [&](std::vector<std::int32_t> ids, std::vector<std::int32_t> offsets, std::int64_t rung,
                          std::vector<std::int32_t> types = {}) {
        return model.network.forward({ids, offsets, types}, rung, out).error().code;
    };

    EXPECT_EQ(code({96}, {0, 1}, 8), Errc::input_refused);
    EXPECT_EQ(code({-1}, {0, 1}, 8), Errc::input_refused);
    EXPECT_EQ(code({1}, {0, 1}, 8, {2}), Errc::input_refused);
    EXPECT_EQ(code({1, 2}, {0, 2}, 1), Errc::input_refused);
    EXPECT_EQ(code({1, 2}, {0, 1}, 8), Errc::input_refused);
    EXPECT_EQ(code({}, {0, 0}, 8), Errc::input_refused);
    EXPECT_EQ(code(std::vector<std::int32_t>(41, 1), {0, 41}, 48), Errc::input_refused);
}

TEST(Network, RefusesWeightsThatItsSettingsDoNotDescribe)
{
    const auto directory = std::filesystem::path(EMBEDD_TEST_DATA) / "small_cls";
    const auto detail_with = [&](auto change) {
        auto config = read_config(directory).value();
        change(config);
        auto checkpoint = Checkpoint::open(directory).value();
        return Network::load(config, checkpoint, Dtype::float32, {}).error().detail;
    };

    EXPECT_NE(detail_with([](ModelConfig& c) {
                  c.layers = 3;
              }).find("'encoder.layer.2.attention.self.query.weight' is missing"),
              std::string::npos);
    EXPECT_NE(detail_with([](ModelConfig& c) { c.layers = 1; }).find("is not part of the network"),
              std::string::npos);
    EXPECT_NE(detail_with([](ModelConfig& c) {
                  c.vocab_size = 4'000'000;
              }).find("has shape [96, 32], not [4000000, 32]"),
              std::string::npos);
}

} // namespace
} // namespace embedd::model
