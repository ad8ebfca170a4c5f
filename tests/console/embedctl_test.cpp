#include "tests/console/embedctl_process.hpp"
#include "tests/daemon/front/daemon_process.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace embedd::console {
namespace {

using daemon::DaemonProcess;
using testing::HasSubstr;
using testing::StartsWith;

class EmbedctlTest : public ::testing::Test {
protected:
    EmbedctlTest() { EXPECT_TRUE(daemon_.wait_until_ready()); }

    Ran run(const std::string& words, const std::string& feed = ":") const
    {
        return embedctl("--socket " + daemon_.socket().string() + ' ' + words, feed);
    }

    std::string beside(const std::string& name) const { return daemon_.socket().parent_path() / name; }

    DaemonProcess daemon_;
};

TEST_F(EmbedctlTest, PrintsAVectorALineInTheOrderOfTheTexts)
{
    const auto ran = run("embed one two 'and three'");

    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    std::istringstream lines{ran.output};
    int index = 0;
    for (std::string line; std::getline(lines, line); ++index) {
        const auto object = nlohmann::json::parse(line);
        EXPECT_EQ(object["index"], index);
        EXPECT_EQ(object["embedding"].size(), 8U);
    }
    EXPECT_EQ(index, 3);
}

TEST_F(EmbedctlTest, ReadsStandardInputAndKeepsManyRequestsInOrder)
{
    const auto all = run("embed --batch-size 7 --in-flight 4", "seq 500");
    const auto last = run("embed 500");

    ASSERT_EQ(all.exit_code, 0) << all.output;
    EXPECT_EQ(std::count(all.output.begin(), all.output.end(), '\n'), 500);
    const auto vector = nlohmann::json::parse(last.output)["embedding"];
    const auto line = all.output.substr(all.output.rfind('\n', all.output.size() - 2) + 1);
    EXPECT_EQ(nlohmann::json::parse(line)["embedding"], vector);
}

TEST_F(EmbedctlTest, WritesANumpyMatrix)
{
    const auto ran = run("embed --output " + beside("v.npy"), "seq 100");

    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    std::ifstream file{beside("v.npy"), std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_THAT(content, HasSubstr("'shape': (100, 8)"));
    EXPECT_EQ(content.size(), 128U + 100 * 8 * 4);
}

TEST_F(EmbedctlTest, NamesTheTextsThatWereRefused)
{
    const auto ran = run("embed --prompt-name nobody one two");

    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_THAT(ran.output, StartsWith("embedctl: texts 0 to 1: prompt_name is unknown"));
}

TEST_F(EmbedctlTest, ShowsTokensStateCardAndHealth)
{
    EXPECT_THAT(run("tokenize hello").output, HasSubstr("7592"));
    EXPECT_THAT(run("status").output, StartsWith("state       ready\n"));
    EXPECT_EQ(nlohmann::json::parse(run("status --json").output)["schema"], 1);
    EXPECT_THAT(run("info").output, HasSubstr("inputs to 256 tokens"));
    EXPECT_EQ(run("health").output, "ready\n");
    EXPECT_EQ(run("health").exit_code, 0);
    EXPECT_EQ(run("wait-ready").exit_code, 0);
}

TEST_F(EmbedctlTest, RefusesACommandLineItCannotDo)
{
    for (const auto* words :
         {"", "dance", "embed --dtype int8 text", "embed --output v.npy --dtype bfloat16 text",
          "embed text --input file", "tokenize", "--timeout never health"})
        EXPECT_EQ(run(words).exit_code, 2) << words;
}

TEST(EmbedctlWithoutADaemon, SaysWhatItTriedAndExitsWithFour)
{
    for (const auto* command : {"health", "embed text", "status", "--timeout 0.1 wait-ready"}) {
        const auto ran = embedctl("--socket /tmp/embedd-nobody/s " + std::string{command});
        EXPECT_EQ(ran.exit_code, 4) << command;
        EXPECT_THAT(ran.output, HasSubstr("cannot reach a daemon at /tmp/embedd-nobody/s")) << command;
    }
}

TEST(EmbedctlDuringTheWarmUp, ExitsWithThreeUntilItIsReady)
{
    DaemonProcess daemon{{.faults = {"hold-warmup"}}};
    const auto socket = "--socket " + daemon.socket().string();
    ASSERT_TRUE(daemon::eventually([&] { return embedctl(socket + " health").exit_code == 3; }));
    EXPECT_EQ(embedctl(socket + " --timeout 0.2 wait-ready").exit_code, 3);

    daemon.end_fault("hold-warmup");

    EXPECT_EQ(embedctl(socket + " wait-ready").exit_code, 0);
}

TEST_F(EmbedctlTest, ReloadsTheModelAndSaysWhichStepItIsAt)
{
    const auto ran = run("reload");

    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("tokenizer\n"));
    EXPECT_THAT(ran.output, HasSubstr("generation 2 serves"));
    EXPECT_THAT(run("status").output, HasSubstr("reload      done: "));
}

TEST_F(EmbedctlTest, ReportsAReloadThatIsRefused)
{
    const auto ran = run("reload --model /etc");

    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_THAT(ran.output, HasSubstr("--models-allow"));
    EXPECT_EQ(run("reload --model /etc --dry-run").exit_code, 1);
    EXPECT_THAT(run("reload --dry-run").output, HasSubstr("would load"));
}

TEST_F(EmbedctlTest, DrainsAndResumes)
{
    EXPECT_THAT(run("drain").output, StartsWith("drained: 0 requests"));
    EXPECT_EQ(run("health").exit_code, 3);
    EXPECT_EQ(run("embed late").exit_code, 3);
    EXPECT_EQ(run("resume").output, "work is taken again\n");
    EXPECT_EQ(run("resume").output, "it was not draining\n");
    EXPECT_EQ(run("embed early").exit_code, 0);
}

TEST_F(EmbedctlTest, RestartsAReplica)
{
    const auto ran = run("restart-replica 0");

    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("replica 0 serves again (pid "));
    EXPECT_EQ(run("restart-replica 9").exit_code, 1);
    EXPECT_EQ(run("restart-replica").exit_code, 2);
}

} // namespace
} // namespace embedd::console
