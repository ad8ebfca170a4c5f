#include "console/embed_console/recording.hpp"
#include "tests/console/program/file_size_limit.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace embedd::console {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class RecordingTest : public ::testing::Test {
protected:
    RecordingTest() { EXPECT_NE(::mkdtemp(directory_.data()), nullptr); }
    ~RecordingTest() override { std::filesystem::remove_all(directory_); }

    std::filesystem::path file() const { return std::filesystem::path{directory_} / "recording"; }
    void write(const std::string& text) const { std::ofstream{file()} << text; }

    std::string directory_ = "/tmp/embedd-XXXXXX";
};

const Recorded message{.at_us = 7,
                       .wall_time = "14:06:31",
                       .what = ipc::SubscribeEvent{.status = {.state = "ready", .mono_us = 5},
                                                   .history = {ipc::Sample{.mono_us = 4, .state = "ready"}}}};
const Recorded lost{.at_us = 9, .wall_time = "14:06:32", .what = Recorded::Lost{"it \"hung\" up\n"}};

TEST_F(RecordingTest, PlaysBackWhatWasRecorded)
{
    {
        Recorder recorder{file()};
        recorder.keep(message);
        recorder.keep(lost);
    }
    Recording recording{file()};
    EXPECT_EQ(recording.next(), message);
    EXPECT_EQ(recording.next(), lost);
    EXPECT_EQ(recording.next(), std::nullopt);
}

TEST_F(RecordingTest, IsOneLineAMessage)
{
    EXPECT_EQ(to_line(message).find('\n'), std::string::npos);
    EXPECT_EQ(to_line(lost).find('\n'), std::string::npos);
}

TEST_F(RecordingTest, IsItsOwnersAloneAndNeverOverwrites)
{
    Recorder recorder{file()};
    struct stat made{};
    ASSERT_EQ(::stat(file().c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0777U, 0600U);
    EXPECT_THAT([&] { Recorder{file()}; }, ThrowsMessage<std::runtime_error>(HasSubstr("File exists")));
}

TEST_F(RecordingTest, SaysWhyItCannotBeMade)
{
    EXPECT_THAT([] { Recorder{"/no/such/folder/file"}; },
                ThrowsMessage<std::runtime_error>(HasSubstr("No such file")));
}

TEST_F(RecordingTest, SaysOnceThatTheDiskIsFullAndStaysWhole)
{
    {
        Recorder recorder{file()};
        const FileSizeLimit limit{to_line(message).size() * 5 / 2};
        recorder.keep(message);
        recorder.keep(message);
        EXPECT_THAT([&] { recorder.keep(message); },
                    ThrowsMessage<std::runtime_error>(
                        AllOf(HasSubstr("File too large"), HasSubstr("is whole until here"))));
    }
    Recording recording{file()};
    EXPECT_EQ(recording.next(), message);
    EXPECT_EQ(recording.next(), message);
    EXPECT_EQ(recording.next(), std::nullopt);
}

TEST_F(RecordingTest, NamesTheLineThatCannotBeRead)
{
    write(to_line(message) + "\n{\"at_us\":1}\n");
    Recording recording{file()};
    EXPECT_EQ(recording.next(), message);
    EXPECT_THAT([&] { (void)recording.next(); }, ThrowsMessage<std::runtime_error>(HasSubstr("line 2")));
}

TEST_F(RecordingTest, TakesNothingForALineThatIsNone)
{
    for (const auto* line :
         {"", "[]", "7", "null", "{", R"({"at_us":-1,"at":"","lost":""})", R"({"at_us":1,"at":2,"lost":""})",
          R"({"at_us":1,"at":"","message":7})",
          R"({"at_us":1,"at":"","message":{"id":1,"ok":false,"error":{"type":"internal","message":""}}})"})
        EXPECT_FALSE(recorded_of(line)) << line;
}

TEST_F(RecordingTest, ReadsNoEndlessLine)
{
    write(std::string(Recording::longest_line + 1, ' '));
    Recording recording{file()};
    EXPECT_THROW((void)recording.next(), std::runtime_error);
}

} // namespace
} // namespace embedd::console
