#include "daemon/tokenizer_proof.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>

namespace embedd::daemon {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;

class TokenizerProof : public ::testing::Test {
protected:
    TokenizerProof() { EXPECT_NE(::mkdtemp(directory_.data()), nullptr); }
    ~TokenizerProof() override { std::filesystem::remove_all(directory_); }

    // Proves a file by a program, the real one by default.
    std::optional<Failure> refusal(const std::filesystem::path& file,
                                   milliseconds deadline = milliseconds{60'000},
                                   const std::filesystem::path& program = EMBEDD_TEST_PROOF)
    {
        asio::io_context io{1};
        std::optional<Result<void>> proven;
        asio::co_spawn(io, prove_tokenizer(io.get_executor(), program, file, deadline),
                       [&](const std::exception_ptr& error, Result<void> result) {
                           EXPECT_FALSE(error);
                           proven = std::move(result);
                       });
        io.run();
        return *proven ? std::nullopt : std::optional{proven->error()};
    }

    std::string script(const std::string& body)
    {
        const auto path = directory_ + "/proof";
        std::ofstream{path} << "#!/bin/sh\n" << body << '\n';
        ::chmod(path.c_str(), 0755);
        return path;
    }

    std::string directory_ = "/tmp/embedd-XXXXXX";
};

TEST_F(TokenizerProof, AcceptsTheTokenizerOfARealModel)
{
    EXPECT_FALSE(refusal(EMBEDD_TEST_MODEL "/tokenizer.json"));
}

TEST_F(TokenizerProof, RefusesAFileThatIsNoneAndNamesIt)
{
    const auto file = directory_ + "/tokenizer.json";
    std::ofstream{file} << "{}";

    const auto failure = refusal(file);

    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, ExitCode::configuration);
    EXPECT_THAT(failure->message, HasSubstr(file + ": refused: "));
    EXPECT_TRUE(refusal(directory_ + "/missing.json"));
}

TEST_F(TokenizerProof, EndsOneThatDoesNotComeBack)
{
    const auto failure = refusal("t.json", milliseconds{100}, script("exec sleep 1000"));

    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->message, "t.json: refused: the tokenizer did not load within 100 ms");
}

TEST_F(TokenizerProof, TellsOfOneThatWasKilled)
{
    const auto failure = refusal("t.json", milliseconds{60'000}, script("kill -SEGV $$"));

    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->message, HasSubstr("t.json: refused: its proof was "));
}

TEST_F(TokenizerProof, RepeatsTheLastLineItSaid)
{
    const auto failure =
        refusal("t.json", milliseconds{60'000}, script("echo first >&2; echo the fault >&2; exit 78"));

    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->message, EndsWith("refused: the fault"));
}

TEST_F(TokenizerProof, CannotBeHadWithoutItsProgram)
{
    EXPECT_TRUE(refusal("t.json", milliseconds{60'000}, directory_ + "/none"));
}

} // namespace
} // namespace embedd::daemon
