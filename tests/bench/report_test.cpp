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

} // namespace
} // namespace embedd::bench
