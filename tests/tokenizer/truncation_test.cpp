#include "tests/tokenizer/mini_lm.hpp"

#include <gmock/gmock.h>

#include <array>
#include <limits>
#include <random>
#include <thread>

namespace embedd::tokenizer {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

std::string tangled_text(std::mt19937& random, std::size_t pieces)
{
    static constexpr std::array<std::string_view, 32> kinds{
        "the ",
        " cat",
        "\n",
        "  ",
        "\u0301",
        "e\u0301",
        " \u0301",
        "\u6f22",
        "\u5b57",
        "[MASK]",
        "[SEP] ",
        "[",
        "]",
        "_",
        "-",
        "...",
        "\t",
        "\u00a0",
        "\u3000",
        "\0"sv,
        "\u007f",
        "\ufffd",
        "x",
        "Ab",
        "42",
        "\u4e2d",
        "\u4dff",
        "\uf900",
        "\U0001f600",
        "\u00c5",
        "longwordlongwordlongwordlongwordlongword",
        "\u202e",
    };
    std::uniform_int_distribution<std::size_t> pick(0, kinds.size() - 1);
    std::string text;
    for (; pieces > 0; --pieces)
        text += kinds[pick(random)];
    return text;
}

// Of a long text only about the first 1024 bytes are looked at when few tokens are wanted. Each joint is laid
// across that place, at a few shifts, with the tokens around it being the last ones kept.
TEST(TokenizerTruncation, KeepsExactlyWhatTheWholeTextHasWhereverItIsCut)
{
    const std::string filler = " international"; // one token
    for (const std::string_view joint : {"[MASK]"sv,       "[MASK] "sv,        "x[SEP]y "sv,
                                         "[MASK"sv,        "a_b "sv,           "x-y "sv,
                                         "cafe\u0301s "sv, "\u00e9t\u00e9 "sv, "a\u0301\u0316\u0302b "sv,
                                         "\n\u0301a"sv,    " \u0301"sv,        "\u6f22\u5b57"sv,
                                         "\u6f22\u0301"sv, "\u4e2d\u4dff"sv,   "\uf900"sv,
                                         "\U00020000"sv,   "\u0431\u0430 "sv,  "a\u00a0b"sv,
                                         "a\tb"sv,         "a\0b "sv,          "\U0001f600"sv}) {
        for (std::size_t shift = 0; shift < 4; ++shift) {
            SCOPED_TRACE(std::string(joint) + " shifted by " + std::to_string(shift));
            const std::string near = repeated(filler, 70) + repeated(" ", shift);
            const std::string joints = repeated(joint, 80 / joint.size());
            const std::string far = repeated(filler, 200);
            const auto head =
                mini_lm().encode(near + joints + far, no_limit, TruncationDirection::right, Special::skip);
            const auto tail =
                mini_lm().encode(far + joints + near, no_limit, TruncationDirection::right, Special::skip);
            ASSERT_TRUE(head && tail);

            for (std::ptrdiff_t kept = 70; kept < 90; ++kept) {
                const auto limit = static_cast<std::size_t>(kept);
                const auto first =
                    mini_lm().encode(near + joints + far, limit, TruncationDirection::right, Special::skip);
                const auto last =
                    mini_lm().encode(far + joints + near, limit, TruncationDirection::left, Special::skip);

                ASSERT_TRUE(first && last);
                ASSERT_EQ(first->ids, std::vector(head->ids.begin(), head->ids.begin() + kept));
                ASSERT_EQ(last->ids, std::vector(tail->ids.end() - kept, tail->ids.end()));
                ASSERT_TRUE(first->truncated && last->truncated);
            }
        }
    }
}

TEST(TokenizerTruncation, IsNotClaimedWhenAllTokensFitAndOnlySpaceFollows)
{
    const auto encoding = mini_lm().encode("hello world" + repeated(" ", 100'000), 2,
                                           TruncationDirection::right, Special::skip);

    ASSERT_TRUE(encoding);
    EXPECT_THAT(encoding->ids, ElementsAre(7592, 2088));
    EXPECT_FALSE(encoding->truncated);
}

TEST(TokenizerTruncation, KeepsTheSpecialTokensEvenWhenNothingElseFits)
{
    const auto encoding = mini_lm().encode("hello world", 2, TruncationDirection::right, Special::add);

    ASSERT_TRUE(encoding);
    EXPECT_THAT(encoding->ids, ElementsAre(101, 102));
    EXPECT_TRUE(encoding->truncated);
}

TEST(TokenizerTruncation, RefusesALimitBelowTheSpecialTokens)
{
    const auto single = mini_lm().encode("hello", 1, TruncationDirection::right, Special::add);
    const auto pair = mini_lm().encode_pair("hello", "world", 2, TruncationDirection::left, Special::add);

    ASSERT_FALSE(single || pair);
    EXPECT_EQ(single.error().code, Errc::limit_too_low);
    EXPECT_EQ(single.error().detail, "1 tokens are allowed, the special tokens alone are 2");
    EXPECT_EQ(pair.error().code, Errc::limit_too_low);
}

TEST(TokenizerTruncation, IgnoresTheLimitAndThePaddingInTheFile)
{
    // all-MiniLM-L6-v2 comes with a limit of 128 and padding to 128.
    const auto encoding =
        mini_lm().encode(repeated("cat ", 300), no_limit, TruncationDirection::right, Special::add);
    const auto tokens = mini_lm().tokenize("cat", Special::add);

    ASSERT_TRUE(encoding && tokens);
    EXPECT_EQ(encoding->ids.size(), 302);
    EXPECT_EQ(tokens->size(), 3);
}

TEST(TokenizerText, IsRefusedWhereItIsNotUtf8)
{
    struct Case {
        std::string text;
        std::size_t offset;
    };
    const std::vector<Case> cases{
        {"\x80", 0},
        {"ab\xc0\xaf", 2}, // '/' in two bytes
        {"abc\xff", 3},
        {"\xe6\xbc", 0},          // cut short
        {"ok \xed\xa0\x80", 3},   // half a surrogate pair
        {"x\xf4\x90\x80\x80", 1}, // above U+10FFFF
    };
    for (const auto& [text, offset] : cases) {
        SCOPED_TRACE(offset);

        const auto encoding = mini_lm().encode(text, 256, TruncationDirection::right, Special::add);
        const auto second = mini_lm().encode_pair("a", text, 256, TruncationDirection::right, Special::add);
        const auto tokens = mini_lm().tokenize(text, Special::add);

        ASSERT_FALSE(encoding || second || tokens);
        EXPECT_EQ(encoding.error().code, Errc::text_not_utf8);
        EXPECT_EQ(encoding.error().offset, offset);
        EXPECT_EQ(second.error().offset, offset);
        EXPECT_EQ(tokens.error().offset, offset);
    }
}

TEST(TokenizerVocabulary, KnowsItsLargestIdAndNothingBeyond)
{
    EXPECT_EQ(mini_lm().largest_id(), 30521);
    EXPECT_EQ(mini_lm().token_text(30521), "##～");
    EXPECT_EQ(mini_lm().token_text(30522), std::nullopt);
}

TEST(TokenizerVocabulary, DecodesUnknownIdsToNothing)
{
    const std::vector<std::int32_t> ids{-1, 7592, 30522, std::numeric_limits<std::int32_t>::max()};

    const auto text = mini_lm().decode(ids, Special::skip);
    const auto nothing = mini_lm().decode({}, Special::skip);

    ASSERT_TRUE(text && nothing);
    EXPECT_EQ(*text, "hello");
    EXPECT_EQ(*nothing, "");
}

TEST(TokenizerThreads, AllGetTheSameAnswersAtOnce)
{
    std::mt19937 random(7);
    std::vector<std::string> texts;
    std::vector<std::vector<std::int32_t>> expected;
    for (std::size_t n = 0; n < 40; ++n) {
        texts.push_back(tangled_text(random, 10 * n));
        const auto alone = mini_lm().encode(texts.back(), 256, TruncationDirection::right, Special::add);
        ASSERT_TRUE(alone);
        expected.push_back(alone->ids);
    }

    std::array<std::vector<std::vector<std::int32_t>>, 8> answers;
    {
        std::vector<std::jthread> threads;
        for (auto& answer : answers) {
            threads.emplace_back([&answer, &texts, tokenizer = mini_lm()] {
                for (const auto& text : texts) {
                    const auto encoding =
                        tokenizer.encode(text, 256, TruncationDirection::right, Special::add);
                    answer.push_back(encoding ? encoding->ids : std::vector<std::int32_t>{});
                }
            });
        }
    }

    for (const auto& answer : answers)
        EXPECT_EQ(answer, expected);
}

} // namespace
} // namespace embedd::tokenizer
