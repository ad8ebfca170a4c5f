#include "tests/tokenizer/hostile_files.hpp"
#include "tests/tokenizer/mini_lm.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <fstream>
#include <limits>

namespace embedd::tokenizer {
namespace {

using testing::HasSubstr;

// Why a file of this content is refused.
std::string refusal_of(std::string_view content)
{
    const ScratchDirectory scratch;
    const auto tokenizer = Tokenizer::load(scratch.file(content));
    if (tokenizer)
        return "it was loaded";
    EXPECT_EQ(tokenizer.error().code, Errc::file_refused);
    return tokenizer.error().detail;
}

Result<Encoding> encoding_by(std::string_view content, std::string_view text)
{
    const ScratchDirectory scratch;
    const auto tokenizer = Tokenizer::load(scratch.file(content));
    if (!tokenizer)
        return tokenizer.error();
    return tokenizer->encode(text, std::numeric_limits<std::size_t>::max(), TruncationDirection::right,
                             Special::add);
}

TEST(HostileTokenizerFile, IsRefusedUnlessItIsARegularFileOfReasonableSize)
{
    const ScratchDirectory scratch;
    const auto fifo = scratch.path() / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const auto huge = scratch.file("{");
    std::filesystem::resize_file(huge, std::uintmax_t{1} << 30);

    const auto from_missing = Tokenizer::load(scratch.path() / "missing");
    const auto from_directory = Tokenizer::load(scratch.path());
    const auto from_fifo = Tokenizer::load(fifo);
    const auto from_huge = Tokenizer::load(huge);

    ASSERT_FALSE(from_missing || from_directory || from_fifo || from_huge);
    EXPECT_EQ(from_missing.error().detail, "No such file or directory");
    EXPECT_EQ(from_directory.error().detail, "not a regular file");
    EXPECT_EQ(from_fifo.error().detail, "not a regular file");
    EXPECT_EQ(from_huge.error().detail, "larger than 67108864 bytes");
}

TEST(HostileTokenizerFile, IsRefusedUnlessItIsATokenizer)
{
    EXPECT_THAT(refusal_of(""), HasSubstr("EOF while parsing"));
    EXPECT_THAT(refusal_of("\xff\xfe"), HasSubstr("expected value"));
    EXPECT_THAT(refusal_of("null"), HasSubstr("invalid type"));
    EXPECT_THAT(refusal_of(R"({"version": "1.0"})"), HasSubstr("Model missing"));
    EXPECT_THAT(refusal_of(R"({"version": "9"})"), HasSubstr("Unknown tokenizer version"));
}

TEST(HostileTokenizerFile, IsRefusedWhenItIsCutShort)
{
    std::ifstream stream(mini_lm_path, std::ios::binary);
    std::string half(200'000, '\0');
    stream.read(half.data(), static_cast<std::streamsize>(half.size()));

    EXPECT_THAT(refusal_of(half), HasSubstr("EOF while parsing"));
}

TEST(HostileTokenizerFile, IsRefusedWhenNestedDeeply)
{
    EXPECT_THAT(refusal_of(repeated("[", 100'000)), HasSubstr("invalid type"));
    EXPECT_THAT(refusal_of(repeated(R"({"model":)", 100'000)), HasSubstr("recursion limit"));
    EXPECT_THAT(refusal_of(R"({"normalizer":)" + repeated("[", 100'000)), HasSubstr("recursion limit"));
}

TEST(HostileTokenizerFile, IsRefusedWhenAMergeOverrunsItsTokens)
{
    const auto refusal = refusal_of(R"({"version": "1.0", "model": {"type": "BPE", "vocab": {"a": 0, "b": 1},
        "merges": [["a", "b"]], "continuing_subword_prefix": "########"}})");

    EXPECT_THAT(refusal, HasSubstr("panicked"));
}

TEST(HostileTokenizerFile, IsRefusedWhenAnIdFitsNoEmbeddingTable)
{
    const auto in_vocabulary = refusal_of(R"({"version": "1.0", "model": {"type": "WordLevel",
        "vocab": {"[UNK]": 4294967295}, "unk_token": "[UNK]"}})");
    const auto in_template = refusal_of(two_words_with(R"("post_processor": {"type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "X", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"X": {"id": "X", "ids": [4000000000], "tokens": ["X"]}}})"));

    EXPECT_EQ(in_vocabulary, "the id 4294967295 is larger than any embedding table");
    EXPECT_EQ(in_template, "the id 4000000000 is larger than any embedding table");
}

TEST(HostileTokenizerFile, IsRefusedForACharacterMapThatIsNone)
{
    EXPECT_THAT(
        refusal_of(two_words_with(R"("normalizer": {"type": "Precompiled", "precompiled_charsmap": ""})")),
        HasSubstr("Cannot parse precompiled_charsmap"));
}

TEST(HostileTokenizerFile, FailsTheTextWhenItMakesTheLibraryPanic)
{
    const auto no_length =
        encoding_by(two_words_with(R"("pre_tokenizer": {"type": "FixedLength", "length": 0})"), "a");
    const auto short_map = encoding_by(two_words_with(R"("normalizer": {"type": "Precompiled",
        "precompiled_charsmap": "CAAAAAEAAAD///9/YWJj"})"),
                                       "a");

    ASSERT_FALSE(no_length || short_map);
    EXPECT_EQ(no_length.error().code, Errc::failed);
    EXPECT_THAT(no_length.error().detail, HasSubstr("panicked: chunk size must be non-zero"));
    EXPECT_THAT(short_map.error().detail, HasSubstr("panicked: index out of bounds"));
}

TEST(HostileTokenizerFile, FailsTheTextWhenItsRegexBacktracksWithoutEnd)
{
    const auto encoding = encoding_by(two_words_with(R"("pre_tokenizer": {"type": "Split",
        "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated", "invert": false})"),
                                      repeated("a", 40) + "!");

    ASSERT_FALSE(encoding);
    EXPECT_EQ(encoding.error().code, Errc::failed);
    EXPECT_THAT(encoding.error().detail, HasSubstr("retry-limit-in-match over"));
}

TEST(HostileTokenizerFile, CannotPadOrTruncateOnItsOwn)
{
    const auto endless_padding =
        encoding_by(two_words_with(R"("padding": {"strategy": {"Fixed": 1000000000000},
        "direction": "Right", "pad_to_multiple_of": 0, "pad_id": 0, "pad_type_id": 0, "pad_token": "a"})"),
                    "a");
    const auto stride_beyond_limit = encoding_by(two_words_with(R"("truncation": {"direction": "Right",
        "max_length": 4, "strategy": "LongestFirst", "stride": 9}, "pre_tokenizer": {"type": "Whitespace"})"),
                                                 "a a a a a a");

    ASSERT_TRUE(endless_padding && stride_beyond_limit);
    EXPECT_EQ(endless_padding->ids.size(), 1);
    EXPECT_EQ(stride_beyond_limit->ids.size(), 6);
}

} // namespace
} // namespace embedd::tokenizer
