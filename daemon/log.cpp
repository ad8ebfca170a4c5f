#include "daemon/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>

namespace embedd::daemon {
namespace {

// Pipes take this much in one piece or not at all; a line of the journal may be longer, and ours never need
// it.
constexpr std::size_t line_bytes = PIPE_BUF;

struct Style {
    std::string_view name;
    int priority; // of syslog(3)
};

constexpr Style style_of(Level level)
{
    switch (level) {
    case Level::debug:
        return {"debug", 7};
    case Level::info:
        return {"info", 6};
    case Level::notice:
        return {"notice", 5};
    case Level::warning:
        return {"warning", 4};
    case Level::error:
        return {"error", 3};
    }
    return {"error", 3};
}

// systemd says which stream is the journal's; ours may have been redirected since.
bool is_journal(int descriptor)
{
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat file{};
    if (stream == nullptr || ::fstat(descriptor, &file) != 0)
        return false;
    return stream == std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
}

// A descriptor of our own that does not block. O_NONBLOCK belongs to the open file and not to the number, and
// a terminal or pipe is shared with the shell and our workers: so it is opened anew. -1 where it need not be
// (a plain file, whose offset is shared too) or cannot (a socket, another user's terminal).
int own_descriptor(int descriptor)
{
    struct stat file{};
    if (::fstat(descriptor, &file) != 0 || (!S_ISFIFO(file.st_mode) && !S_ISCHR(file.st_mode)))
        return -1;
    const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
    return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

// What a text could do to a terminal or to the next line, it does not.
void append_escaped(std::string& line, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte != 0x7f) {
            line += character;
        } else {
            line += "\\x";
            line += digits[byte >> 4U];
            line += digits[byte & 0xfU];
        }
    }
}

std::string time_of_day()
{
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 32> text{};
    const int milliseconds = static_cast<int>(since.count() % 1000);
    std::snprintf(text.data(), text.size(), "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                  milliseconds);
    return text.data();
}

} // namespace

std::string_view to_string(Level level) noexcept
{
    return style_of(level).name;
}

struct Log::State {
    std::mutex mutex;
    int given;
    int own;
    Level least;
    bool journal;
    std::uint64_t dropped = 0;
    std::function<void(Level, std::string_view)> listener;

    [[nodiscard]] std::string formatted(Level level, std::string_view text) const
    {
        const Style style = style_of(level);
        std::string line = journal ? "<" + std::to_string(style.priority) + ">"
                                   : time_of_day() + " " + std::string(style.name) + " ";
        append_escaped(line, text);
        if (line.size() >= line_bytes) {
            line.resize(line_bytes - 4);
            line += "...";
        }
        return line += '\n';
    }

    void emit(Level level, std::string_view text)
    {
        if (dropped > 0 && put(formatted(Level::warning, std::to_string(dropped) +
                                                             " lines were lost: nobody read them in time")))
            dropped = 0;
        if (dropped > 0 || !put(formatted(level, text)))
            ++dropped;
    }

    [[nodiscard]] bool put(const std::string& line) const
    {
        ssize_t written = 0;
        do {
            written = own >= 0 ? ::write(own, line.data(), line.size()) : put_to_given(line);
        } while (written < 0 && errno == EINTR);
        return written >= 0;
    }

    [[nodiscard]] ssize_t put_to_given(const std::string& line) const
    {
        const auto sent = ::send(given, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0 || errno != ENOTSOCK)
            return sent;
        pollfd writable{.fd = given, .events = POLLOUT, .revents = 0};
        if (::poll(&writable, 1, 0) != 1 || (writable.revents & POLLOUT) == 0) {
            errno = EAGAIN;
            return -1;
        }
        return ::write(given, line.data(), line.size()); // a pipe that is writable has room for PIPE_BUF
    }
};

Log::Log(int descriptor, Level least) : state_(std::make_unique<State>())
{
    state_->given = descriptor;
    state_->own = own_descriptor(descriptor);
    state_->least = least;
    state_->journal = is_journal(descriptor);
}

Log::~Log()
{
    if (state_->own >= 0)
        ::close(state_->own);
}

void Log::write(Level level, std::string_view line)
{
    std::function<void(Level, std::string_view)> listener;
    {
        const std::scoped_lock lock(state_->mutex);
        if (level >= state_->least)
            state_->emit(level, line);
        if (level >= Level::info)
            listener = state_->listener;
    }
    if (listener)
        listener(level, line);
}

void Log::on_line(std::function<void(Level, std::string_view)> listener)
{
    const std::scoped_lock lock(state_->mutex);
    state_->listener = std::move(listener);
}

} // namespace embedd::daemon
