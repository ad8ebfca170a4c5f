#include "model/checkpoint.hpp"
#include "model/config.hpp"
#include "model/ladder.hpp"
#include "model/normalize.hpp"
#include "tests/model/model_copy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <array>
#include <cstring>
#include <limits>
#include <vector>

namespace embedd::model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ModelCopy;

std::string config_fault(const ModelCopy& model)
{
    const auto config = read_config(model.path());
    return config ? "accepted" : config.error().detail;
}

std::string weights_fault(const ModelCopy& model)
{
    const auto checkpoint = Checkpoint::open(model.path());
    return checkpoint ? "accepted" : checkpoint.error().detail;
}

std::string weights_fault(std::string_view header, std::size_t data_bytes)
{
    const ModelCopy model;
    model.write_weights(header, data_bytes);
    return weights_fault(model);
}

TEST(Config, IsReadFromASoundModel)
{
    const ModelCopy model;

    const auto config = read_config(model.path()).value();

    EXPECT_EQ(config.architecture, "BertModel");
    EXPECT_EQ(config.hidden_size, 32);
    EXPECT_EQ(config.pooling, Pooling::cls);
    EXPECT_TRUE(config.normalize);
    EXPECT_EQ(config.max_tokens, 40);
}

TEST(Config, NamesTheKeyThatIsMissingOrWrong)
{
    const std::vector<std::array<const char*, 3>> spoilt{
        {"\"hidden_size\": 32", "\"other\": 32", "'hidden_size' is missing"},
        {"\"hidden_size\": 32", "\"hidden_size\": \"32\"", "'hidden_size' is not an integer"},
        {"\"hidden_size\": 32", "\"hidden_size\": 32.5", "'hidden_size' is not an integer"},
        {"\"hidden_size\": 32", "\"hidden_size\": 18446744073709551615", "'hidden_size' is not between"},
        {"\"num_attention_heads\": 4", "\"num_attention_heads\": 5",
         "'num_attention_heads' 5 does not divide"},
        {"\"num_attention_heads\": 4", "\"heads\": 4", "'num_attention_heads' is missing"},
        {"\"max_position_embeddings\": 40", "\"max_position_embeddings\": 0",
         "'max_position_embeddings' is not"},
        {"\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": null", "'layer_norm_eps' is missing"},
        {"\"BertModel\"", "\"GPT2Model\"", "'architectures' is 'GPT2Model'"},
        {"\"model_type\": \"bert\"", "\"model_type\": \"qwen3\"", "'model_type' is 'qwen3'"},
        {"\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"", "'hidden_act' is 'relu'"},
        {"{", "[", "config.json: is not JSON"},
    };
    for (const auto& [from, to, fault] : spoilt) {
        const ModelCopy model;
        model.replace("config.json", from, to);

        EXPECT_THAT(config_fault(model), AllOf(HasSubstr("config.json"), HasSubstr(fault)));
    }
}

TEST(Config, NeverGuessesThePooling)
{
    for (const char* file : {"modules.json", "1_Pooling/config.json"}) {
        const ModelCopy model;
        std::filesystem::remove(model.path() / file);

        EXPECT_THAT(config_fault(model), HasSubstr(file));
    }
    const std::string cls = "\"pooling_mode_cls_token\": true";
    const std::string mean = "\"pooling_mode_mean_tokens\": false";
    const ModelCopy two, none, width, dense, dense_twice;
    two.replace("1_Pooling/config.json", mean, "\"pooling_mode_mean_tokens\": true");
    none.replace("1_Pooling/config.json", cls, "\"pooling_mode_cls_token\": false");
    width.replace("1_Pooling/config.json", ": 32", ": 64");
    dense.replace("modules.json", "models.Normalize", "models.Dense");
    dense_twice.replace("modules.json", "1_Pooling", "../elsewhere");

    EXPECT_THAT(config_fault(two), HasSubstr("2 pooling modes are true"));
    EXPECT_THAT(config_fault(none), HasSubstr("0 pooling modes are true"));
    EXPECT_THAT(config_fault(width), HasSubstr("'word_embedding_dimension' is 64"));
    EXPECT_THAT(config_fault(dense), HasSubstr("'Dense'"));
    EXPECT_THAT(config_fault(dense_twice), HasSubstr("leaves the model"));
}

TEST(Config, ReadsThePromptsAndRefusesADefaultThatIsNotOneOfThem)
{
    const ModelCopy model;
    model.write("config_sentence_transformers.json",
                R"({"prompts": {"query": "query: "}, "default_prompt_name": "query"})");
    EXPECT_EQ(read_config(model.path()).value().prompts.at("query"), "query: ");

    model.write("config_sentence_transformers.json", R"({"prompts": {}, "default_prompt_name": "query"})");
    EXPECT_THAT(config_fault(model), HasSubstr("'default_prompt_name' is 'query'"));
}

TEST(Safetensors, TruncatedAnywhereIsRefused)
{
    const ModelCopy model;
    const auto whole = model.read("model.safetensors");
    std::uint64_t header = 0;
    std::memcpy(&header, whole.data(), sizeof header);
    for (std::size_t size = 0; size < whole.size(); size += size < header + 8 ? 7 : 4096) {
        model.write("model.safetensors", std::string_view(whole).substr(0, size));

        EXPECT_NE(weights_fault(model), "accepted") << size << " bytes";
    }
}

TEST(Safetensors, AHeaderOfAnImpossibleLengthIsRefused)
{
    for (const std::uint64_t length :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{4096}, std::uint64_t{100'000'001},
          std::numeric_limits<std::uint64_t>::max()}) {
        const ModelCopy model;
        std::string file(64, ' ');
        std::memcpy(file.data(), &length, sizeof length);
        model.write("model.safetensors", file);

        EXPECT_THAT(weights_fault(model), HasSubstr("claims a header of " + std::to_string(length)));
    }
}

TEST(Safetensors, NamesTheTensorWhoseDataIsOutOfPlace)
{
    const auto two = [](std::string_view first, std::string_view second) {
        return weights_fault(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + std::string(first) +
                "},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + std::string(second) + "}}",
            16);
    };
    EXPECT_EQ(two("[0,8]", "[8,16]"), "accepted");
    EXPECT_THAT(two("[0,8]", "[4,12]"), HasSubstr("tensor 'b' overlaps"));
    EXPECT_THAT(two("[4,12]", "[12,20]"), HasSubstr("tensor 'b' lies outside"));
    EXPECT_THAT(two("[0,8]", "[0,8]"), HasSubstr("overlaps"));
    EXPECT_THAT(two("[8,0]", "[8,16]"), HasSubstr("tensor 'a' lies outside"));
    EXPECT_THAT(two("[0,4]", "[4,16]"), HasSubstr("tensor 'a' takes 4 bytes where its shape needs 8"));

    EXPECT_THAT(weights_fault(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8),
                HasSubstr("hole"));
    EXPECT_THAT(weights_fault(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8),
                HasSubstr("4 bytes of 8"));
    EXPECT_THAT(
        weights_fault(R"({"a":{"dtype":"F32","shape":[2147483647,2147483647,8],"data_offsets":[0,4]}})", 4),
        HasSubstr("impossible shape"));
    EXPECT_THAT(weights_fault(R"({"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}})", 4),
                HasSubstr("'F99'"));
    EXPECT_THAT(weights_fault(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                              R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                              4),
                HasSubstr("tensor 'a' occurs twice"));
}

TEST(Safetensors, AHeaderOfAnotherFormIsRefused)
{
    for (const char* header :
         {"[]", "{\"a\":1}", "{\"a\":[1]}", "{\"a\":{}}", "null", "{\"a\":{\"b\":{}}}",
          "{\"a\":", R"({"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}})",
          R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})",
          R"({"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}})", "\xff\xff"})
        EXPECT_NE(weights_fault(header, 4), "accepted") << header;
}

TEST(Safetensors, MoreTensorsThanAnyModelHasAreRefused)
{
    std::string header = "{";
    for (std::size_t i = 0; i <= max_tensors_in_file; ++i)
        header +=
            (i ? ",\"" : "\"") + std::to_string(i) + R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";

    EXPECT_THAT(weights_fault(header + "}", 0), HasSubstr("at most 100000"));
}

TEST(Checkpoint, ReadsEveryStoredTypeAsFloat32)
{
    const auto read = [](const std::string& type, std::string_view stored) {
        const ModelCopy model;
        const auto bytes = std::to_string(stored.size());
        model.write_weights(
            "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[2],\"data_offsets\":[0," + bytes + "]}}", 0);
        model.write("model.safetensors", model.read("model.safetensors").append(stored));
        auto checkpoint = Checkpoint::open(model.path()).value();
        std::vector<float> numbers(2);
        const std::int64_t shape[]{2};
        const auto done = checkpoint.read("a", shape, numbers);
        return done ? ::testing::PrintToString(numbers) : done.error().detail;
    };
    using namespace std::string_view_literals;

    EXPECT_EQ(read("F32", "\0\0\x80\x3f\0\0\0\xc0"sv), "{ 1, -2 }");
    EXPECT_EQ(read("F16", "\x00\x3c\x00\xc0"sv), "{ 1, -2 }");
    EXPECT_EQ(read("F16", "\x01\x00\xff\x7b"sv), ::testing::PrintToString(std::vector{0x1p-24f, 65504.f}));
    EXPECT_EQ(read("BF16", "\x80\x3f\x00\xc0"sv), "{ 1, -2 }");
    EXPECT_THAT(read("F16", "\x00\x3c\x00\x7c"sv), HasSubstr("tensor 'a' holds a number that is not finite"));
    EXPECT_THAT(read("BF16", "\x80\x3f\xc0\x7f"sv), HasSubstr("not finite"));
    EXPECT_THAT(read("I16", "\0\0\0\0"sv), HasSubstr("tensor 'a' is of type 'I16'"));
}

TEST(Checkpoint, NoticesAFileThatIsTruncatedOrReplacedWhileItIsRead)
{
    const ModelCopy truncated, replaced;
    auto first = Checkpoint::open(truncated.path()).value();
    auto second = Checkpoint::open(replaced.path()).value();
    const std::int64_t shape[]{96, 32};
    std::vector<float> numbers(96 * 32);

    std::filesystem::resize_file(truncated.path() / "model.safetensors", 4096);
    const auto content = replaced.read("model.safetensors");
    replaced.write("other", content);
    std::filesystem::rename(replaced.path() / "other", replaced.path() / "model.safetensors");

    EXPECT_FALSE(first.read("embeddings.word_embeddings.weight", shape, numbers));
    EXPECT_THAT(second.unchanged().error().detail, HasSubstr("changed while it was read"));
}

TEST(Checkpoint, FingerprintChangesWithOneBit)
{
    const auto fingerprint = [](const ModelCopy& model) {
        auto checkpoint = Checkpoint::open(model.path()).value();
        const std::int64_t shape[]{96, 32};
        std::vector<float> numbers(96 * 32);
        EXPECT_TRUE(checkpoint.read("embeddings.word_embeddings.weight", shape, numbers));
        return checkpoint.fingerprint();
    };
    const ModelCopy model;
    const auto before = fingerprint(model);
    auto content = model.read("model.safetensors");
    const auto entry = *Checkpoint::open(model.path()).value().find("embeddings.word_embeddings.weight");
    content[entry.begin + 4000] = static_cast<char>(content[entry.begin + 4000] ^ 1);
    model.write("model.safetensors", content);

    EXPECT_NE(fingerprint(model), before);
}

TEST(ModelDirectory, WithAFifoALoopOrADirectoryInAFilesPlaceIsRefusedWithoutWaiting)
{
    for (const char* file : {"config.json", "modules.json", "1_Pooling/config.json", "model.safetensors"}) {
        const ModelCopy fifo, loop, directory;
        for (const auto* model : {&fifo, &loop, &directory})
            std::filesystem::remove(model->path() / file);
        ASSERT_EQ(::mkfifo((fifo.path() / file).c_str(), 0600), 0);
        std::filesystem::create_symlink(std::filesystem::path(file).filename(), loop.path() / file);
        std::filesystem::create_directory(directory.path() / file);

        for (const auto* model : {&fifo, &loop, &directory}) {
            const bool refused_config = !read_config(model->path());
            const bool refused_weights = !Checkpoint::open(model->path());
            EXPECT_TRUE(refused_config || refused_weights) << file;
        }
    }
}

TEST(Ladder, RoundsUpToRungsThatWidenAsTheyRise)
{
    const auto ladder = Ladder::for_cpu(512, 640);

    EXPECT_EQ(ladder.rung_for(1), 8);
    EXPECT_EQ(ladder.rung_for(64), 64);
    EXPECT_EQ(ladder.rung_for(65), 80);
    EXPECT_EQ(ladder.rung_for(257), 288);
    EXPECT_EQ(ladder.rung_for(513), 576);
    EXPECT_EQ(ladder.longest(), 640);
    EXPECT_EQ(ladder.rungs().size(), 8u + 12u + 8u + 2u);
}

TEST(Normalize, ScalesEachRowToLengthOneAndLeavesZerosAlone)
{
    std::vector<float> rows{3, 4, 0, 0};

    normalize(rows, 2);

    EXPECT_EQ(rows, (std::vector<float>{0.6f, 0.8f, 0, 0}));
}

} // namespace
} // namespace embedd::model
