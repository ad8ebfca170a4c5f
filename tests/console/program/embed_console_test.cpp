#include "ipc/status.hpp"
#include "tests/console/shell.hpp"
#include "tests/daemon/front/daemon_process.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace embedd::console {
namespace {

using daemon::DaemonProcess;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// Standard output alone; `before` stands before the program's name in the shell's command line.
Ran console(const std::string& words, const std::string& before = "LC_ALL=C.UTF-8")
{
    return shell(before + " '" EMBEDD_TEST_CONSOLE "' " + words);
}

class EmbedConsoleTest : public ::testing::Test {
protected:
    EmbedConsoleTest() { EXPECT_TRUE(daemon_.wait_until_ready()); }

    Ran run(const std::string& words, const std::string& before = "LC_ALL=C.UTF-8") const
    {
        return console("--socket " + daemon_.socket().string() + ' ' + words, before);
    }

    DaemonProcess daemon_;
};

std::vector<std::string> lines_of(const std::string& text)
{
    std::istringstream stream{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

bool is_ascii(const std::string& text)
{
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

TEST_F(EmbedConsoleTest, PrintsOneFrameWhereThereIsNoTerminal)
{
    const auto ran = run("--glyphs=block");

    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_THAT(ran.output, StartsWith(" embedd ● READY"));
    EXPECT_EQ(lines_of(ran.output).size(), 24U);
}

TEST_F(EmbedConsoleTest, DrawsAFrameOfTheSizeAskedFor)
{
    const auto lines = lines_of(run("--once --size=33x7 --ascii").output);

    ASSERT_EQ(lines.size(), 7U);
    EXPECT_THAT(lines.front(), HasSubstr("READY"));
    for (const auto& line : lines)
        EXPECT_LE(line.size(), 33U);
}

TEST_F(EmbedConsoleTest, AsciiFramesHaveNoOtherByte)
{
    EXPECT_TRUE(is_ascii(run("--ascii --size=140x45").output));
    EXPECT_TRUE(is_ascii(run("--glyphs=ascii").output));
    EXPECT_TRUE(is_ascii(run("", "LC_ALL=C").output));
    EXPECT_FALSE(is_ascii(run("--glyphs=block", "LC_ALL=C").output));
}

TEST_F(EmbedConsoleTest, FramesHaveNoEscapeSequences)
{
    EXPECT_THAT(run("").output, Not(HasSubstr("\x1b")));
}

TEST_F(EmbedConsoleTest, PressesKeysBeforeAFrame)
{
    EXPECT_THAT(run("--keys '?'").output, HasSubstr("this help"));
    const auto asked = run("--keys w");
    EXPECT_THAT(asked.output, HasSubstr("Re-warm all replicas?"));
    EXPECT_THAT(asked.output, HasSubstr("would re-warm"));
}

TEST_F(EmbedConsoleTest, CarriesNothingOutWithoutATerminal)
{
    const auto epoch = [&] { return daemon_.client().status()->status.warmup.epoch; };
    const auto before = epoch();
    EXPECT_EQ(run("--keys 'w y'").exit_code, 0);
    EXPECT_EQ(run("--count 3 --interval 100ms --keys 'w y'").exit_code, 0);
    EXPECT_EQ(epoch(), before);
}

TEST_F(EmbedConsoleTest, PrintsTheDaemonsStatusAsItCame)
{
    const auto ran = run("--json");

    EXPECT_EQ(ran.exit_code, 0);
    ASSERT_EQ(lines_of(ran.output).size(), 1U);
    const auto object = nlohmann::json::parse(ran.output);
    EXPECT_EQ(object["state"], "ready");
    EXPECT_EQ(object["schema"], 1);
    EXPECT_TRUE(object["warmup"]["last"]["cells"].is_array());
}

TEST_F(EmbedConsoleTest, CountsFramesAndObjects)
{
    EXPECT_EQ(lines_of(run("--json --count 3 --interval 100ms").output).size(), 3U);
    EXPECT_EQ(lines_of(run("--count 3 --interval 100ms --size 80x5").output).size(), 15U);
}

TEST_F(EmbedConsoleTest, EndsWithItsReader)
{
    const auto ran = run("--json --interval 100ms | head -n 2");
    EXPECT_EQ(lines_of(ran.output).size(), 2U);
}

TEST_F(EmbedConsoleTest, RefusesWhatItDoesNotKnow)
{
    EXPECT_EQ(run("--no-such-option 2>/dev/null").exit_code, 2);
    EXPECT_EQ(run("rewarm 2>/dev/null").exit_code, 2);
    EXPECT_EQ(run("--help").exit_code, 0);
    EXPECT_THAT(run("--version").output, Not(IsEmpty()));
}

TEST_F(EmbedConsoleTest, ReplaysWhatItRecorded)
{
    const auto file = (daemon_.socket().parent_path() / "recording").string();
    const auto drawn = run("--once --size=80x24 --glyphs=block --record " + file);
    const auto again = console("--once --size=80x24 --glyphs=block --replay " + file);

    EXPECT_EQ(drawn.exit_code, 0);
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_THAT(again.output, StartsWith(" embedd ● READY"));
    EXPECT_EQ(lines_of(again.output)[6], lines_of(drawn.output)[6]);
    EXPECT_EQ(run("--record " + file + " 2>/dev/null").exit_code, 1) << "a recording is not overwritten";
}

TEST_F(EmbedConsoleTest, EndsWithOneSentenceWhereTheDiskIsFullAndReplaysWhatWasKept)
{
    const auto file = (daemon_.socket().parent_path() / "recording").string();
    const auto ran = run("--count 0 --interval 100ms --size 80x1 --record " + file + " 2>&1 >/dev/null",
                         "ulimit -f 128; LC_ALL=C.UTF-8");

    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_EQ(ran.output,
              "embed-console: the recording ended: File too large; " + file + " is whole until here\n");
    EXPECT_EQ(console("--once --replay " + file).exit_code, 0);
}

TEST_F(EmbedConsoleTest, AReplayedFileThatIsNoneIsRefusedByItsLine)
{
    const auto file = (daemon_.socket().parent_path() / "recording").string();
    std::ofstream{file} << "nonsense\n";
    const auto ran = console("--once --replay " + file + " 2>&1");

    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_THAT(ran.output, HasSubstr("line 1"));
}

TEST(EmbedConsole, TellsADaemonThatIsNotReady)
{
    const DaemonProcess daemon{{.faults = {"hold-warmup"}}};
    const auto run = [&](const std::string& words) {
        return console("--socket " + daemon.socket().string() + ' ' + words);
    };
    ASSERT_TRUE(daemon::eventually([&] { return run("--json 2>/dev/null").exit_code == 3; }));
    EXPECT_EQ(run("").exit_code, 3);
    EXPECT_EQ(run("--wait=ready --timeout=200ms 2>/dev/null").exit_code, 3);
}

TEST(EmbedConsole, WaitsUntilItIsReady)
{
    const DaemonProcess daemon{{.faults = {"hold-warmup"}}};
    Ran ran;
    std::jthread waiting{[&] {
        ran = console("--socket " + daemon.socket().string() + " --wait=ready --timeout=120s --glyphs=block");
    }};
    EXPECT_TRUE(daemon::eventually([&] { return daemon.client().status().has_value(); }));
    daemon.end_fault("hold-warmup");
    waiting.join();

    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_THAT(ran.output, StartsWith(" embedd ● READY"));
}

TEST(EmbedConsole, TellsADaemonThatIsNotThere)
{
    for (const auto* words : {"", "--json", "--wait=ready --timeout=200ms"}) {
        const auto ran = console("--socket /tmp/embedd-no-such-socket " + std::string{words} + " 2>&1");
        EXPECT_EQ(ran.exit_code, 4);
        EXPECT_THAT(ran.output, StartsWith("embed-console: cannot reach a daemon at "));
    }
}

} // namespace
} // namespace embedd::console
