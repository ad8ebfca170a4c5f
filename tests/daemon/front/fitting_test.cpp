#include "daemon/fitting.hpp"

#include "daemon/log.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace embedd::daemon {
namespace {

class Fitting : public testing::Test {
protected:
    Options fit(const Options& options, std::size_t descriptors)
    {
        return fitting(options, descriptors, log_);
    }

    std::vector<std::string> said_;
    Log log_{-1};

private:
    void SetUp() override
    {
        log_.on_line([this](Level, std::string_view line) { said_.emplace_back(line); });
    }
};

TEST_F(Fitting, LeavesLimitsAloneThatCanHold)
{
    const auto options = fit({}, 65'536);

    EXPECT_EQ(options.max_clients, 4096U);
    EXPECT_EQ(options.max_request_bytes, 16U << 20);
    EXPECT_TRUE(said_.empty());
}

TEST_F(Fitting, LowersTheClientsToTheDescriptorsAndSaysSoOnce)
{
    EXPECT_EQ(fit({}, 1024).max_clients, 1024U - 64 - 8);
    EXPECT_THAT(said_, testing::ElementsAre(testing::HasSubstr("lowered to 952")));
}

TEST_F(Fitting, KeepsHalfOfVeryFewDescriptorsForTheDaemon)
{
    EXPECT_EQ(fit({}, 64).max_clients, 32U);
    EXPECT_EQ(fit({}, 0).max_clients, 1U);
}

TEST_F(Fitting, LowersARequestToAQuarterOfWhatAllMayHold)
{
    Options options;
    options.max_client_bytes = 4 << 20;

    EXPECT_EQ(fit(options, 65'536).max_request_bytes, 1U << 20);
    EXPECT_THAT(said_, testing::ElementsAre(testing::HasSubstr("lowered to 1048576")));
}

} // namespace
} // namespace embedd::daemon
