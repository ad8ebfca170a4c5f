#include "daemon/inputs.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace embedd::daemon {
namespace {

const ServedModel& mini_lm()
{
    static const ServedModel model = [] {
        auto tokenizer = tokenizer::Tokenizer::load(EMBEDD_TEST_MODEL "/tokenizer.json");
        if (!tokenizer)
            throw std::runtime_error(tokenizer.error().detail);
        ipc::ModelCard card;
        card.model.dimensions = 384;
        card.model.max_tokens = 8;
        card.vocabulary = 30'522;
        card.normalize = true;
        card.prompts = {{"query", "find: "}};
        return ServedModel{card, *tokenizer};
    }();
    return model;
}

ipc::Result<Prepared> prepared(ipc::EmbedRequest request, bool auto_truncate = true)
{
    return prepare(request, mini_lm(), auto_truncate, {});
}

TEST(Inputs, TextsBecomeIdsBetweenTheModelsSpecialTokens)
{
    const auto result = prepared({.inputs = {"hello world"}});

    ASSERT_TRUE(result);
    EXPECT_THAT(result->inputs, testing::ElementsAre(testing::ElementsAre(101, 7592, 2088, 102)));
    EXPECT_EQ(result->format.dims, 384U);
    EXPECT_TRUE(result->format.normalize);
}

TEST(Inputs, AnEmptyTextIsTheSpecialTokensAlone)
{
    EXPECT_THAT(prepared({.inputs = {""}})->inputs, testing::ElementsAre(testing::ElementsAre(101, 102)));
}

TEST(Inputs, APromptComesBeforeTextsByItsName)
{
    EXPECT_EQ(prepared({.inputs = {"cat"}, .prompt_name = "query"})->inputs,
              prepared({.inputs = {"find: cat"}})->inputs);
    EXPECT_EQ(prepared({.inputs = {"cat"}, .prompt = "find: "})->inputs,
              prepared({.inputs = {"find: cat"}})->inputs);
}

TEST(Inputs, AnUnknownPromptIsRefusedWithThoseThereAre)
{
    const auto result = prepared({.inputs = {"cat"}, .prompt_name = "passage"});

    EXPECT_EQ(result.error().type, ipc::ErrorType::bad_request);
    EXPECT_THAT(result.error().message, testing::HasSubstr("query"));
}

TEST(Inputs, LongOnesAreCutAndNamed)
{
    const auto result =
        prepared({.inputs = {"a", "a b c d e f g h i j", ipc::TokenIds{1, 2, 3, 4, 5, 6, 7, 8, 9}}});

    EXPECT_THAT(result->truncated, testing::ElementsAre(1, 2));
    EXPECT_EQ(result->inputs[1].size(), 8U);
    EXPECT_THAT(result->inputs[2], testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST(Inputs, IdsAreCutOnTheSideAskedFor)
{
    const auto result = prepared({.inputs = {ipc::TokenIds{1, 2, 3, 4, 5, 6, 7, 8, 9}},
                                  .truncation_direction = ipc::TruncationDirection::left});

    EXPECT_THAT(result->inputs, testing::ElementsAre(testing::ElementsAre(2, 3, 4, 5, 6, 7, 8, 9)));
}

TEST(Inputs, LongOnesAreRefusedByIndexWhenTruncationIsOff)
{
    const auto result = prepared({.inputs = {"a", "a b c d e f g h i j"}, .truncate = false});

    EXPECT_EQ(result.error().type, ipc::ErrorType::input_too_long);
    EXPECT_THAT(result.error().message, testing::HasSubstr("inputs[1]"));
    EXPECT_EQ(prepared({.inputs = {"a b c d e f g h i j"}}, false).error().type,
              ipc::ErrorType::input_too_long);
}

TEST(Inputs, IdsOutOfRangeNeverReachTheModel)
{
    for (const std::int32_t id : {-1, 30'522, 30'523, std::numeric_limits<std::int32_t>::max()})
        EXPECT_EQ(prepared({.inputs = {ipc::TokenIds{5, id}}}).error().type, ipc::ErrorType::bad_request)
            << id;
    EXPECT_TRUE(prepared({.inputs = {ipc::TokenIds{0, 30'521}}}));
}

TEST(Inputs, NothingIsNoInput)
{
    EXPECT_EQ(prepared({}).error().type, ipc::ErrorType::bad_request);
    EXPECT_EQ(prepared({.inputs = {ipc::TokenIds{}}}).error().type, ipc::ErrorType::bad_request);
}

TEST(Inputs, DimensionsMustBeTheModelsAndFitTheType)
{
    EXPECT_EQ(prepared({.inputs = {"a"}, .dimensions = 0}).error().type, ipc::ErrorType::bad_request);
    EXPECT_EQ(prepared({.inputs = {"a"}, .dimensions = 385}).error().type, ipc::ErrorType::bad_request);
    EXPECT_EQ(prepared({.inputs = {"a"}, .dimensions = 12, .dtype = ipc::VectorType::ubinary}).error().type,
              ipc::ErrorType::bad_request);
    EXPECT_EQ(prepared({.inputs = {"a"}, .dimensions = 64})->format.dims, 64U);
}

} // namespace
} // namespace embedd::daemon
