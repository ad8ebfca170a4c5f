#include "tests/tokenizer/hostile_files.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace embedd::tokenizer {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string mini_lm_json = EMBEDD_TEST_MODEL "/tokenizer.json";

struct Verdict {
    int exit_status; // -1: ended by a signal
    std::string printed;
    std::string complained;
};

std::string content_of(const std::filesystem::path& path)
{
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

Verdict proof(std::vector<std::string> arguments)
{
    const ScratchDirectory scratch;
    const std::string out = scratch.path() / "out", err = scratch.path() / "err";
    arguments.insert(arguments.begin(), EMBEDD_TOKENIZER_PROOF);
    std::vector<char*> argv;
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);

    ::posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
    ::posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT, 0600);
    ::pid_t child = 0;
    const int failed = ::posix_spawn(&child, argv[0], &files, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    if (failed != 0)
        throw std::system_error(failed, std::generic_category(), argv[0]);

    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(out), content_of(err)};
}

Verdict proof_of(std::string_view content, const std::string& seconds = "60")
{
    const ScratchDirectory scratch;
    return proof({scratch.file(content), "0", seconds});
}

TEST(TokenizerProof, PassesAFileWhoseIdsAllHaveARow)
{
    const auto verdict = proof({mini_lm_json, "30522", "60"});

    EXPECT_EQ(verdict.exit_status, 0);
    EXPECT_EQ(verdict.printed, "ok largest_id=30521\n");
    EXPECT_EQ(verdict.complained, "");
}

TEST(TokenizerProof, RefusesAFileOfAModelWithMoreRows)
{
    const auto verdict = proof({mini_lm_json, "30521", "60"});

    EXPECT_EQ(verdict.exit_status, 78);
    EXPECT_EQ(verdict.printed, "");
    EXPECT_THAT(verdict.complained, EndsWith("its largest id 30521 is not below 30521, the rows of the "
                                             "embedding table\n"));
}

TEST(TokenizerProof, SaysHowItIsUsed)
{
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {}, {mini_lm_json}, {mini_lm_json, ""}, {mini_lm_json, "-1"}, {mini_lm_json, "1", "0"}}) {
        const auto verdict = proof(arguments);

        EXPECT_EQ(verdict.exit_status, 2);
        EXPECT_THAT(verdict.complained, StartsWith("usage: "));
    }
}

TEST(TokenizerProof, RefusesWhatCannotBeLoaded)
{
    const auto verdict = proof_of("{}");

    EXPECT_EQ(verdict.exit_status, 78);
    EXPECT_THAT(verdict.complained, HasSubstr("/tokenizer.json: Model missing."));
}

TEST(TokenizerProof, RefusesWhatLoadsButCannotEncode)
{
    const auto verdict = proof_of(two_words_with(R"("pre_tokenizer": {"type": "FixedLength", "length": 0})"));

    EXPECT_EQ(verdict.exit_status, 78);
    EXPECT_THAT(verdict.complained, HasSubstr("panicked: chunk size must be non-zero"));
}

TEST(TokenizerProof, EndsAFileThatSpins)
{
    const auto verdict = proof_of(spinning_json(), "1");

    EXPECT_EQ(verdict.exit_status, 78);
    EXPECT_EQ(verdict.complained, "the tokenizer was still busy with the file when its time was up\n");
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // no limit of memory there
TEST(TokenizerProof, EndsAFileThatHoardsMemory)
{
    const auto verdict = proof_of(hoarding_json());

    EXPECT_EQ(verdict.exit_status, 78);
    EXPECT_THAT(verdict.complained, EndsWith("the file made the tokenizer abort, or need more than 2 GiB\n"));
}
#endif

} // namespace
} // namespace embedd::tokenizer
