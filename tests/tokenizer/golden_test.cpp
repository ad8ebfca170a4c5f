// Against goldens.json, which make_goldens.py wrote with Hugging Face's own binding.
#include "tests/tokenizer/mini_lm.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace embedd::tokenizer {
namespace {

using nlohmann::json;
using testing::IsEmpty;

const json& goldens()
{
    static const json file = json::parse(std::ifstream(EMBEDD_TOKENIZER_GOLDENS));
    return file;
}

std::vector<std::int32_t> ids_of(const json& ids)
{
    return ids.get<std::vector<std::int32_t>>();
}

TruncationDirection direction_of(const json& golden)
{
    return golden.at("direction") == "left" ? TruncationDirection::left : TruncationDirection::right;
}

Special special_of(const json& golden)
{
    return golden.at("special") ? Special::add : Special::skip;
}

void expect_golden(const Result<Encoding>& encoding, const json& golden)
{
    ASSERT_TRUE(encoding) << encoding.error().detail;
    EXPECT_EQ(encoding->ids, ids_of(golden.at("ids")));
    EXPECT_EQ(encoding->type_ids, ids_of(golden.at("type_ids")));
    EXPECT_EQ(encoding->truncated, golden.at("truncated").get<bool>());
}

std::string limit_of(const json& golden)
{
    return " to " + golden.at("max").dump() + " from the " + golden.at("direction").dump();
}

TEST(TokenizerGolden, EncodesEveryTextAsTheReferenceDoes)
{
    ASSERT_GE(goldens().at("tokens").size(), 60);
    for (const json& golden : goldens().at("tokens")) {
        SCOPED_TRACE(golden.at("text").dump());

        const auto encoding = mini_lm().encode(golden.at("text").get<std::string>(), 10'000,
                                               TruncationDirection::right, Special::add);

        ASSERT_TRUE(encoding) << encoding.error().detail;
        EXPECT_EQ(encoding->ids, ids_of(golden.at("ids")));
        EXPECT_THAT(encoding->type_ids, IsEmpty());
        EXPECT_FALSE(encoding->truncated);
    }
}

TEST(TokenizerGolden, PlacesEveryTokenInTheBytesOfItsText)
{
    for (const json& golden : goldens().at("tokens")) {
        SCOPED_TRACE(golden.at("text").dump());

        const auto tokens = mini_lm().tokenize(golden.at("text").get<std::string>(), Special::add);

        ASSERT_TRUE(tokens) << tokens.error().detail;
        json ids = json::array(), offsets = json::array(), spelled = json::array();
        for (const Token& token : *tokens) {
            ids.push_back(token.id);
            offsets.push_back({token.begin, token.end});
            spelled.push_back(mini_lm().token_text(token.id).value_or("?"));
        }
        EXPECT_EQ(ids, golden.at("ids"));
        EXPECT_EQ(offsets, golden.at("offsets"));
        EXPECT_EQ(spelled, golden.at("spelled"));
    }
}

TEST(TokenizerGolden, DecodesWithAndWithoutSpecialTokens)
{
    for (const json& golden : goldens().at("tokens")) {
        SCOPED_TRACE(golden.at("text").dump());
        const auto ids = ids_of(golden.at("ids"));

        const auto plain = mini_lm().decode(ids, Special::skip);
        const auto with_special = mini_lm().decode(ids, Special::add);

        ASSERT_TRUE(plain && with_special);
        EXPECT_EQ(*plain, golden.at("decoded").get<std::string>());
        EXPECT_EQ(*with_special, golden.at("decoded_with_special").get<std::string>());
    }
}

TEST(TokenizerGolden, TruncatesAroundTheLimitFromEitherSide)
{
    for (const json& golden : goldens().at("limited")) {
        SCOPED_TRACE(golden.at("words").dump() + " words" + limit_of(golden));
        const json& words = goldens().at("words");
        std::string text;
        for (std::size_t n = 0; n < golden.at("words").get<std::size_t>(); ++n)
            text += (n > 0 ? " " : "") + words[n % words.size()].get<std::string>();

        const auto encoding =
            mini_lm().encode(text, golden.at("max"), direction_of(golden), special_of(golden));

        expect_golden(encoding, golden);
    }
}

TEST(TokenizerGolden, TruncatesTheLongerTextOfAPairFirst)
{
    for (const json& golden : goldens().at("pairs")) {
        SCOPED_TRACE(golden.at("first").dump() + " and " + golden.at("second").dump() + limit_of(golden));

        const auto encoding = mini_lm().encode_pair(golden.at("first").get<std::string>(),
                                                    golden.at("second").get<std::string>(), golden.at("max"),
                                                    direction_of(golden), special_of(golden));

        expect_golden(encoding, golden);
    }
}

TEST(TokenizerGolden, TruncatesTextsOfAMegabyte)
{
    for (const json& golden : goldens().at("long")) {
        SCOPED_TRACE(golden.at("times").dump() + " times " + golden.at("unit").dump() + limit_of(golden));
        const auto text = repeated(golden.at("unit").get<std::string>(), golden.at("times"));

        const auto encoding =
            mini_lm().encode(text, golden.at("max"), direction_of(golden), special_of(golden));

        expect_golden(encoding, golden);
    }
}

} // namespace
} // namespace embedd::tokenizer
