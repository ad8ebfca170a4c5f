#include "console/embedctl/text_source.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>

namespace embedd::console {
namespace {

class TextFile : public ::testing::Test {
protected:
    TextFile() { EXPECT_NE(::mkdtemp(directory_.data()), nullptr); }
    ~TextFile() override { std::filesystem::remove_all(directory_); }

    std::string with(const std::string& content)
    {
        const auto path = directory_ + "/texts";
        std::ofstream{path, std::ios::binary} << content;
        return path;
    }

    std::string directory_ = "/tmp/embedd-XXXXXX";
};

std::vector<std::string> all(TextSource& source)
{
    std::vector<std::string> texts;
    while (auto text = source.next())
        texts.push_back(*text);
    return texts;
}

TEST(TextSource, GivesTheArgumentsInOrder)
{
    TextSource source{{"one", "", "two"}};

    EXPECT_EQ(source.total(), 3U);
    EXPECT_EQ(all(source), (std::vector<std::string>{"one", "", "two"}));
    EXPECT_EQ(source.consumed(), 3U);
}

TEST_F(TextFile, IsReadLineByLineWithAnyLineEnd)
{
    auto source = TextSource::open(with("first\r\n\nthird"));
    ASSERT_TRUE(source);

    EXPECT_EQ(source->total(), 13U);
    EXPECT_EQ(all(*source), (std::vector<std::string>{"first", "", "third"}));
    EXPECT_EQ(source->consumed(), 13U);
    EXPECT_EQ(source->error(), "");
}

TEST_F(TextFile, AFinalLineEndStartsNoText)
{
    auto source = TextSource::open(with("only\n"));
    ASSERT_TRUE(source);

    EXPECT_EQ(all(*source), std::vector<std::string>{"only"});
}

TEST_F(TextFile, AnOverlongLineEndsTheReadingAndIsNamed)
{
    auto source =
        TextSource::open(with("short\n" + std::string(TextSource::longest_line + 1, 'x') + "\nnever\n"));
    ASSERT_TRUE(source);

    EXPECT_EQ(all(*source), std::vector<std::string>{"short"});
    EXPECT_EQ(source->error(), "line 2 is longer than 1 MiB, the most a text may have");
}

TEST_F(TextFile, ADirectoryOrAMissingFileIsNoSource)
{
    EXPECT_FALSE(TextSource::open(directory_));
    EXPECT_FALSE(TextSource::open(directory_ + "/missing"));
}

} // namespace
} // namespace embedd::console
