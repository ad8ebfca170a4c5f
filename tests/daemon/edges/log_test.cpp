#include "daemon/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

namespace embedd::daemon {
namespace {

class Pipe {
public:
    Pipe() { ::pipe2(ends_.data(), O_CLOEXEC); }
    ~Pipe()
    {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    [[nodiscard]] int writer() const { return ends_[1]; }

    // What is in it now.
    [[nodiscard]] std::string drain() const
    {
        ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
        std::string text;
        std::array<char, 4096> buffer;
        for (ssize_t got = 0; (got = ::read(ends_[0], buffer.data(), buffer.size())) > 0;)
            text.append(buffer.data(), static_cast<std::size_t>(got));
        return text;
    }

private:
    std::array<int, 2> ends_{};
};

TEST(Log, WritesTimeLevelAndText)
{
    const Pipe pipe;
    Log log(pipe.writer());

    log.warning("no room");

    EXPECT_THAT(pipe.drain(), testing::MatchesRegex("[0-9:]+\\.[0-9][0-9][0-9] warning no room\n"));
}

TEST(Log, GivesTheJournalThePriorityInsteadOfTimeAndLevel)
{
    const Pipe pipe;
    struct stat file{};
    ASSERT_EQ(::fstat(pipe.writer(), &file), 0);
    const auto stream = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
    ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
    Log log(pipe.writer());
    ::unsetenv("JOURNAL_STREAM");

    log.error("broken");

    EXPECT_EQ(pipe.drain(), "<3>broken\n");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel)
{
    const Pipe pipe;
    Log log(pipe.writer(), Level::notice);

    log.info("detail");

    EXPECT_EQ(pipe.drain(), "");
}

TEST(Log, EscapesWhatATerminalWouldObey)
{
    const Pipe pipe;
    Log log(pipe.writer());

    log.info("a\n\x1b[2Jb");

    EXPECT_THAT(pipe.drain(), testing::EndsWith("info a\\x0a\\x1b[2Jb\n"));
}

TEST(Log, DropsAndCountsWhatAFullPipeDoesNotTake)
{
    const Pipe pipe;
    Log log(pipe.writer());
    const std::string line(1000, 'x');

    for (int written = 0; written < 200; ++written)
        log.info(line);
    const auto before = pipe.drain();
    log.info("after");

    EXPECT_LT(before.size(), 200 * line.size());
    EXPECT_THAT(pipe.drain(), testing::MatchesRegex(".* lines were lost.*\n.* info after\n"));
}

TEST(Log, TellsItsListenerEachLine)
{
    const Pipe pipe;
    Log log(pipe.writer(), Level::error);
    std::string heard;
    log.on_line([&](Level level, std::string_view line) {
        heard += std::string(to_string(level)) + " " + std::string(line);
    });

    log.notice("ready");
    log.debug("detail");

    EXPECT_EQ(heard, "notice ready");
}

} // namespace
} // namespace embedd::daemon
