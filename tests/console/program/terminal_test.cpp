#include "console/embed_console/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace embedd::console {
namespace {

using testing::HasSubstr;

struct Seen {
    std::string bytes; // that the terminal was sent
    int status = 0;    // of the program, as waitpid tells it
    termios before{}, after{};
};

// The line stays open on our side, so that what was sent can be read after the program's end.
std::string read_up_to_a_mark(int terminal, int line)
{
    constexpr std::string_view mark = "the end of what was sent";
    EXPECT_EQ(::write(line, mark.data(), mark.size()), static_cast<ssize_t>(mark.size()));
    std::string bytes;
    std::array<char, 4096> piece;
    while (bytes.find(mark) == std::string::npos) {
        const auto got = ::read(terminal, piece.data(), piece.size());
        if (got <= 0)
            break;
        bytes.append(piece.data(), static_cast<std::size_t>(got));
    }
    return bytes;
}

// What a terminal sees of a program that draws on it and then ends.
Seen on_a_terminal(void (*end)())
{
    Seen seen;
    int terminal = -1, line = -1;
    if (::openpty(&terminal, &line, nullptr, nullptr, nullptr) != 0)
        throw std::runtime_error("openpty");
    ::tcgetattr(line, &seen.before);
    const auto child = ::fork();
    if (child == 0) {
        ::login_tty(line);
        ::setenv("TERM", "xterm", 1);
        try {
            Terminal drawn_on{false};
            drawn_on.draw(screen::Grid{drawn_on.size(), screen::Repertoire::ascii});
            end();
        } catch (const std::exception& e) {
            std::fprintf(stderr, "%s\n", e.what());
            std::exit(1);
        }
    }
    ::waitpid(child, &seen.status, 0);
    ::tcgetattr(line, &seen.after);
    seen.bytes = read_up_to_a_mark(terminal, line);
    ::close(terminal);
    ::close(line);
    return seen;
}

void throw_something()
{
    throw std::runtime_error("what went wrong");
}

// The message stands on the shell's screen, not on the one that is gone.
void expect_given_back(const Seen& seen)
{
    constexpr std::string_view other_screen = "\x1b[?1049h", shells_screen = "\x1b[?1049l";
    EXPECT_THAT(seen.bytes, HasSubstr(std::string{other_screen}));
    const auto given_back = seen.bytes.find(shells_screen);
    ASSERT_NE(given_back, std::string::npos);
    const auto message = seen.bytes.find("what went wrong");
    EXPECT_TRUE(message == std::string::npos || message > given_back);
    EXPECT_EQ(seen.after.c_iflag, seen.before.c_iflag);
    EXPECT_EQ(seen.after.c_oflag, seen.before.c_oflag);
    EXPECT_EQ(seen.after.c_cflag, seen.before.c_cflag);
    EXPECT_EQ(seen.after.c_lflag, seen.before.c_lflag);
}

TEST(Terminal, IsGivenBackAfterAnException)
{
    const auto seen = on_a_terminal(throw_something);

    expect_given_back(seen);
    EXPECT_THAT(seen.bytes, HasSubstr("what went wrong"));
    EXPECT_EQ(WEXITSTATUS(seen.status), 1);
}

TEST(Terminal, IsGivenBackAfterAnExceptionThatNobodyCaught)
{
    const auto seen = on_a_terminal([] { std::thread{throw_something}.join(); });

    expect_given_back(seen);
    EXPECT_THAT(seen.bytes, HasSubstr("what went wrong"));
    EXPECT_EQ(WTERMSIG(seen.status), SIGABRT);
}

TEST(Terminal, IsGivenBackAfterAnExitThatUnwindsNothing)
{
    const auto seen = on_a_terminal([] { std::exit(7); });

    expect_given_back(seen);
    EXPECT_EQ(WEXITSTATUS(seen.status), 7);
}

} // namespace
} // namespace embedd::console
