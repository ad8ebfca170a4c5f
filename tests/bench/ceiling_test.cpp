#include "bench/ceiling.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace embedd::bench {
namespace {

const auto report = nlohmann::json::parse(R"({
    "dtype": "bfloat16", "layers": 6, "hidden_size": 384, "intermediate_size": 1536,
    "rates": [{"threads": 1, "gflops": 480.0}, {"threads": 2, "gflops": 948.5}]})");

TEST(Ceiling, IsTheBestRateOfTheWorkersReport)
{
    const auto ceiling = ceiling_from(report);

    EXPECT_EQ(ceiling.dtype, "bfloat16");
    EXPECT_EQ(ceiling.lanes, 2U);
    EXPECT_EQ(ceiling.gflops, 948.5);
}

TEST(Ceiling, CountsLinearLayersByTokenAndAttentionByTheSquareOfEachLength)
{
    EXPECT_EQ(ceiling_from(report).operations(10, 50), 10 * 21233664.0 + 50 * 9216.0);
}

TEST(Ceiling, ARefusalOfTheWorkerIsNoReport)
{
    EXPECT_THROW(ceiling_from(nlohmann::json::object()), nlohmann::json::exception);
}

} // namespace
} // namespace embedd::bench
