#include "console/embedctl/operation_progress.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace embedd::console {
namespace {

// What it writes for these events, its end included.
std::string shown(OperationProgress::Style style, const std::vector<ipc::Progress>& events)
{
    std::FILE* file = std::tmpfile();
    {
        OperationProgress progress{file, style};
        for (const auto& event : events)
            progress.show(event);
    }
    std::rewind(file);
    std::array<char, 4096> text{};
    const auto length = std::fread(text.data(), 1, text.size(), file);
    std::fclose(file);
    return {text.data(), length};
}

TEST(OperationProgress, WritesALineAReplicaForEachTenPercent)
{
    const auto text = shown(
        OperationProgress::Style::lines,
        {{0, 1, 80, 8}, {0, 8, 80, 16}, {0, 9, 80, 24}, {1, 8, 80, 16}, {0, 40, 80, 64}, {0, 80, 80, 512}});

    EXPECT_EQ(text, "replica 0: 8 of 80 visits, 10 %, 16 rows\n"
                    "replica 1: 8 of 80 visits, 10 %, 16 rows\n"
                    "replica 0: 40 of 80 visits, 50 %, 64 rows\n"
                    "replica 0: 80 of 80 visits, 100 %, 512 rows\n");
}

TEST(OperationProgress, StartsAnewWithAReplicaThatDoes)
{
    const auto text =
        shown(OperationProgress::Style::lines, {{0, 40, 80, 64}, {0, 1, 80, 8}, {0, 8, 80, 16}});

    EXPECT_EQ(text, "replica 0: 40 of 80 visits, 50 %, 64 rows\n"
                    "replica 0: 8 of 80 visits, 10 %, 16 rows\n");
}

TEST(OperationProgress, WritesALineForEachStepThatBegins)
{
    const auto text = shown(OperationProgress::Style::lines, {{.total = 1, .step = "tokenizer"},
                                                              {.total = 8, .step = "drain"},
                                                              {.done = 4, .total = 8, .step = "drain"},
                                                              {.done = 1, .total = 1, .step = "switch"}});

    EXPECT_EQ(text, "tokenizer\n"
                    "drain: 4 of 8 requests answered\n"
                    "switch\n");
}

TEST(OperationProgress, RewritesItsLineOnATerminalAndWipesItAtTheEnd)
{
    const auto text = shown(OperationProgress::Style::rewritten, {{0, 1, 80, 8}, {0, 2, 80, 16}});

    EXPECT_EQ(text, "\r\x1b[Kreplica 0: 1 of 80 visits, 1 %, 8 rows"
                    "\r\x1b[Kreplica 0: 2 of 80 visits, 2 %, 16 rows"
                    "\r\x1b[K");
}

TEST(OperationProgress, IsSilentWhereNothingHappened)
{
    EXPECT_EQ(shown(OperationProgress::Style::rewritten, {}), "");
    EXPECT_EQ(shown(OperationProgress::Style::lines, {}), "");
}

} // namespace
} // namespace embedd::console
