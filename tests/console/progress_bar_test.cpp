#include "console/embedctl/progress_bar.hpp"

#include <gtest/gtest.h>

namespace embedd::console {
namespace {

using namespace std::chrono_literals;

TEST(ProgressBar, ShowsShareRateAndTimeLeft)
{
    EXPECT_EQ(progress_line(500, 1000, 1024, 2s),
              "[===============>              ]  50 %  1,024 texts, 512/s, about 2.00 s left");
}

TEST(ProgressBar, IsFullAtTheEnd)
{
    EXPECT_EQ(progress_line(1000, 1000, 10, 1s), "[==============================] 100 %  10 texts, 10/s");
}

TEST(ProgressBar, WithoutATotalShowsTheCountAlone)
{
    EXPECT_EQ(progress_line(77, std::nullopt, 3, 0s), "3 texts");
}

} // namespace
} // namespace embedd::console
