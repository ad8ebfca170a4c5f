#include "console/embed_console/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace embedd::console {

namespace {

constexpr std::array ending{SIGTERM, SIGHUP, SIGINT, SIGQUIT};

sigset_t set_of(int number)
{
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, number);
    return set;
}

void let_through(int number)
{
    const auto set = set_of(number);
    std::signal(number, SIG_DFL); // curses has a handler of its own
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    std::raise(number);
}

} // namespace

Signals::Signals()
{
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : ending)
        ::sigaddset(&set, number);
    for (const int number : {SIGWINCH, SIGTSTP, SIGCONT})
        ::sigaddset(&set, number);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor_ < 0)
        throw std::system_error(errno, std::generic_category(), "signalfd");
}

Signals::~Signals()
{
    ::close(descriptor_);
}

std::vector<int> Signals::take()
{
    std::vector<int> numbers;
    signalfd_siginfo signal{};
    while (::read(descriptor_, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal))
        numbers.push_back(static_cast<int>(signal.ssi_signo));
    return numbers;
}

void Signals::stop()
{
    let_through(SIGTSTP);
    const auto set = set_of(SIGTSTP);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void Signals::die_of(int number)
{
    let_through(number);
    std::abort();
}

bool ends_the_program(int number) noexcept
{
    return std::find(ending.begin(), ending.end(), number) != ending.end();
}

} // namespace embedd::console
