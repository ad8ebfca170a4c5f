#include "console/embed_console/options.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace embedd::console {
namespace {

using std::chrono::milliseconds;

std::variant<Options, ExitCode> read(std::vector<std::string> words, bool terminal = true)
{
    std::vector<const char*> arguments{"embed-console"};
    for (const auto& word : words)
        arguments.push_back(word.c_str());
    return read_options(static_cast<int>(arguments.size()), arguments.data(), terminal);
}

Options taken(std::vector<std::string> words, bool terminal = true)
{
    return std::get<Options>(read(std::move(words), terminal));
}

bool refused(std::vector<std::string> words)
{
    const auto result = read(std::move(words));
    return std::holds_alternative<ExitCode>(result) && std::get<ExitCode>(result) == ExitCode::usage;
}

TEST(Options, ShowTheLiveScreenOnATerminalAndOneFrameElsewhere)
{
    EXPECT_EQ(taken({}).rounds, std::nullopt);
    EXPECT_EQ(taken({}, false).rounds, 1U);
    EXPECT_EQ(taken({"--once"}).rounds, 1U);
    EXPECT_EQ(taken({"--count", "3"}).rounds, 3U);
}

TEST(Options, AnIntervalAsksForASeriesWhereThereIsNoTerminal)
{
    EXPECT_EQ(taken({"--interval", "200ms"}, false).rounds, 0U);
    EXPECT_EQ(taken({"--interval", "200ms", "--once"}, false).rounds, 1U);
    EXPECT_EQ(taken({"--interval", "200ms"}).rounds, std::nullopt);
}

TEST(Options, JsonIsASeriesOnATerminalAndOneObjectElsewhere)
{
    EXPECT_EQ(taken({"--json"}).rounds, 0U);
    EXPECT_EQ(taken({"--json"}, false).rounds, 1U);
}

TEST(Options, WaitingIsFollowedByOneFrame)
{
    const auto options = taken({"--wait=ready", "--timeout=2m"});
    EXPECT_EQ(options.wait_ready, milliseconds{120'000});
    EXPECT_EQ(options.rounds, 1U);
    EXPECT_TRUE(refused({"--timeout", "5s"}));
    EXPECT_TRUE(refused({"--wait", "warm"}));
}

TEST(Options, RefuseWhatDoesNotGoTogether)
{
    EXPECT_TRUE(refused({"--json", "--size", "80x24"}));
    EXPECT_TRUE(refused({"--json", "--record", "file"}));
    EXPECT_TRUE(refused({"--once", "--count", "2"}));
    EXPECT_TRUE(refused({"--size", "80x24"}));
    EXPECT_TRUE(refused({"--keys", "m"}));
    EXPECT_TRUE(refused({"--replay", "/no/such/file"}));
    EXPECT_TRUE(refused({"rewarm"}));
}

TEST(Options, BoundTheInterval)
{
    EXPECT_EQ(taken({"--interval", "0.5"}).interval, milliseconds{500});
    EXPECT_TRUE(refused({"--interval", "50ms"}));
    EXPECT_TRUE(refused({"--interval", "2m"}));
    EXPECT_TRUE(refused({"--interval", "fast"}));
}

TEST(Durations, AreNumbersWithAUnit)
{
    EXPECT_EQ(duration_of("200ms"), milliseconds{200});
    EXPECT_EQ(duration_of("1s"), milliseconds{1000});
    EXPECT_EQ(duration_of("1.5"), milliseconds{1500});
    EXPECT_EQ(duration_of("2m"), milliseconds{120'000});
    for (const auto* text : {"", "s", "-1s", "1h", "1 s", "1e300", "nan", "1.2.3"})
        EXPECT_EQ(duration_of(text), std::nullopt) << text;
}

TEST(Sizes, AreBounded)
{
    EXPECT_EQ(size_of("80x24"), (screen::Size{80, 24}));
    EXPECT_EQ(size_of("1x1"), (screen::Size{1, 1}));
    for (const auto* text : {"", "80", "x", "80x", "0x5", "-1x5", "1001x5", "80x24x", "99999999999x5"})
        EXPECT_EQ(size_of(text), std::nullopt) << text;
}

TEST(KeyScripts, NameKeys)
{
    using Special = screen::Key::Special;
    const std::vector<screen::Key> expected{{.character = U'w'},
                                            {.special = Special::enter},
                                            {.character = U' '},
                                            {.special = Special::back_tab}};
    EXPECT_EQ(keys_of(" w Enter  Space Shift-Tab"), expected);
    EXPECT_EQ(keys_of(""), std::vector<screen::Key>{});
    EXPECT_EQ(keys_of("w Return"), std::nullopt);
}

} // namespace
} // namespace embedd::console
