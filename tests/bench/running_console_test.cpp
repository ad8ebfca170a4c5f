#include "bench/running_console.hpp"

#include "bench/let_pass.hpp"
#include "bench/process_time.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace embedd::bench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using Reader = PseudoTerminal::Reader;
using namespace std::chrono_literals;

// Until somebody takes it; the test ends by its time limit where nobody does.
void write_all(int terminal, std::string text)
{
    while (!text.empty()) {
        const auto wrote = ::write(terminal, text.data(), text.size());
        ASSERT_GT(wrote, 0);
        text.erase(0, static_cast<std::size_t>(wrote));
    }
}

TEST(PseudoTerminal, IsATerminalOfTheSizeOfALargeWindow)
{
    const PseudoTerminal terminal{Reader::reads};
    winsize size{};

    ASSERT_EQ(::ioctl(terminal.program_end(), TIOCGWINSZ, &size), 0);
    EXPECT_EQ(size.ws_col, 140);
    EXPECT_EQ(size.ws_row, 45);
    EXPECT_EQ(::isatty(terminal.program_end()), 1);
}

TEST(PseudoTerminal, CountsWhatIsWritten)
{
    const PseudoTerminal terminal{Reader::reads};

    write_all(terminal.program_end(), std::string(1 << 20, 'x'));

    while (terminal.written().bytes < 1 << 20)
        let_pass(1ms);
    EXPECT_EQ(terminal.written().bytes, 1U << 20);
}

TEST(PseudoTerminal, ThatNobodyReadsIsSoonFull)
{
    const PseudoTerminal terminal{Reader::sleeps};
    ::fcntl(terminal.program_end(), F_SETFL, O_NONBLOCK);
    const std::string text(4096, 'x');

    ssize_t wrote = 0;
    for (int tries = 0; tries < 1000 && wrote >= 0; ++tries)
        wrote = ::write(terminal.program_end(), text.data(), text.size());

    EXPECT_EQ(wrote, -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(terminal.written().bytes, 0U);
}

TEST(RunningConsole, ThatEndsByItselfIsAnError)
{
    RunningConsole console{{.program = "/bin/false", .socket = "/none", .interval = 1s}, Reader::reads};

    EXPECT_THAT([&] { console.wait_until_drawn(60s); },
                ThrowsMessage<std::runtime_error>(HasSubstr("/bin/false ended by itself")));
}

TEST(ProcessorTime, OfAProcessGrowsWithItsWork)
{
    const auto before = processor_time_of(::getpid());
    for (auto now = before; now < before + 5ms; now = processor_time_of(::getpid()))
        continue;

    EXPECT_GE(processor_time_of(::getpid()), before + 5ms);
}

TEST(ProcessorTime, OfNoProcessIsAnError)
{
    constexpr pid_t above_all = (1 << 22) + 1; // the kernel gives none
    EXPECT_THROW(static_cast<void>(processor_time_of(above_all)), std::system_error);
}

} // namespace
} // namespace embedd::bench
