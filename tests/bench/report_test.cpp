#include "bench/report.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace embedd::bench {
namespace {

TEST(Report, AlignsColumnsAndShowsWhatIsUnknown)
{
    const auto rows = nlohmann::json::parse(R"([{"texts": "short", "p50 µs": 1234.5, "failed": 0},
                                                {"texts": "long", "p50 µs": null, "failed": 12}])");

    EXPECT_EQ(table({"texts", "p50 µs", "failed"}, rows), "texts  p50 µs  failed\n"
                                                          "short    1234       0\n"
                                                          " long       –      12\n");
}

TEST(Report, LetsNoTextOfOthersMoveTheCursor)
{
    const auto rows = nlohmann::json::parse(R"([{"texts": "\u001b[2Jfixed"}])");

    EXPECT_EQ(table({"texts"}, rows), "       texts\n"
                                      "\\x1B[2Jfixed\n");
}

TEST(Printable, KeepsTextAndShowsWhatIsNone)
{
    EXPECT_EQ(printable("first ÷ control"), "first ÷ control");
    EXPECT_EQ(printable("a\nb\x7F"), "a\\x0Ab\\x7F");
    EXPECT_EQ(printable("\xC2\x9B"), "\\xC2\\x9B");
    EXPECT_EQ(printable("\x9B"
                        "1m \xE2\x82"),
              "\\x9B1m \\xE2\\x82");
}

} // namespace
} // namespace embedd::bench
