#include "bench/pseudo_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace embedd::bench {

using std::chrono::steady_clock;

namespace {

constexpr winsize size{.ws_row = 45, .ws_col = 140, .ws_xpixel = 0, .ws_ypixel = 0};

int open_peer_of(int terminal)
{
    if (::unlockpt(terminal) != 0 || ::ioctl(terminal, TIOCSWINSZ, &size) != 0)
        return -1;
    return ::ioctl(terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

} // namespace

PseudoTerminal::Descriptor::Descriptor(int opened) : number(opened)
{
    if (opened < 0)
        throw std::system_error(errno, std::generic_category(), "cannot open a pseudo terminal");
}

PseudoTerminal::Descriptor::~Descriptor()
{
    ::close(number);
}

PseudoTerminal::PseudoTerminal(Reader reader)
    : our_end_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), program_end_(open_peer_of(our_end_.number))
{
    if (reader == Reader::reads)
        thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
}

void PseudoTerminal::count_anew()
{
    const std::lock_guard lock{mutex_};
    bytes_ = 0;
    last_ = steady_clock::now();
    longest_ = {};
}

PseudoTerminal::Written PseudoTerminal::written() const
{
    const std::lock_guard lock{mutex_};
    const auto silence = std::max(longest_, steady_clock::now() - last_);
    return {.bytes = bytes_,
            .longest_silence = std::chrono::duration_cast<std::chrono::microseconds>(silence)};
}

void PseudoTerminal::read(const std::stop_token& stop)
{
    constexpr int until_asked_to_stop_ms = 100;
    std::array<char, 65536> thrown_away{};
    while (!stop.stop_requested()) {
        pollfd waiting{.fd = our_end_.number, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, until_asked_to_stop_ms) != 1)
            continue;
        const auto got = ::read(our_end_.number, thrown_away.data(), thrown_away.size());
        if (got <= 0)
            return;
        const std::lock_guard lock{mutex_};
        const auto now = steady_clock::now();
        bytes_ += static_cast<std::uint64_t>(got);
        longest_ = std::max(longest_, now - last_);
        last_ = now;
    }
}

} // namespace embedd::bench
