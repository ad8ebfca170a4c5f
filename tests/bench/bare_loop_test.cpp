#include "bench/bare_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace embedd::bench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

// A shell that speaks the worker's lines.
std::vector<std::string> shell(const std::string& script)
{
    return {"/bin/sh", "-c", script};
}

// Answers each request with the number of characters of its line.
const auto worker = shell(R"(echo '{"loaded":true}'; while read -r line; do echo "{\"us\":${#line}}"; done)");

TEST(BareLoopLines, NameTheTokensOfEachInput)
{
    EXPECT_EQ(request_line({12, 40, 7}), "12,40,7\n");
    EXPECT_EQ(request_line({3}), "3\n");
}

TEST(BareLoopLines, AreReadStrictly)
{
    EXPECT_TRUE(says_loaded(R"({"loaded":true})"));
    EXPECT_FALSE(says_loaded(R"({"loaded":false})"));
    EXPECT_FALSE(says_loaded("loaded"));
    EXPECT_EQ(time_from(R"({"us":1234})"), 1234us);
    EXPECT_FALSE(time_from(R"({"us":-1})"));
    EXPECT_FALSE(time_from(R"({"us":"1234"})"));
    EXPECT_FALSE(time_from(R"([1234])"));
    EXPECT_FALSE(time_from(""));
}

TEST(BareLoop, AnswersEachRequestWithTheTimeThatTheLoopMeasured)
{
    BareLoop loop{worker};

    EXPECT_EQ(loop.ask({12, 40, 7}), 7us);
    EXPECT_EQ(loop.ask({3}), 1us);
    EXPECT_GT(loop.to_loaded(), 0us);
}

TEST(BareLoop, ThatEndsBeforeItIsLoadedIsToldByItsProgram)
{
    EXPECT_THAT([] { BareLoop{shell("exit 3")}; },
                ThrowsMessage<std::runtime_error>(HasSubstr("/bin/sh ended before it answered")));
}

TEST(BareLoop, ThatSaysSomethingElseIsToldWithWhatItSaid)
{
    EXPECT_THAT([] { BareLoop{shell("echo hello; read -r line")}; },
                ThrowsMessage<std::runtime_error>(HasSubstr(R"("hello" where {"loaded":true} was due)")));
}

TEST(BareLoop, ThatStopsAnsweringIsNotWaitedForEver)
{
    BareLoop loop{shell(R"(echo '{"loaded":true}'; while read -r line; do :; done)"), 50ms};

    EXPECT_THAT([&] { static_cast<void>(loop.ask({3})); },
                ThrowsMessage<std::runtime_error>(HasSubstr("did not answer in time")));
}

TEST(BareLoop, ThatDiedIsAnErrorOfTheNextRequestAndNoSignal)
{
    BareLoop loop{shell(R"(echo '{"loaded":true}'; read -r line; exit 0)")};

    EXPECT_THAT([&] { static_cast<void>(loop.ask({3})); },
                ThrowsMessage<std::runtime_error>(HasSubstr("ended before it answered")));
    EXPECT_THROW(static_cast<void>(loop.ask({3})), std::runtime_error);
}

} // namespace
} // namespace embedd::bench
