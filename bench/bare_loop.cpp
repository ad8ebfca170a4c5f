#include "bench/bare_loop.hpp"

#include <nlohmann/json.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace embedd::bench {

using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

nlohmann::json parsed(std::string_view line)
{
    return nlohmann::json::parse(line, nullptr, /* allow_exceptions = */ false);
}

} // namespace

std::string request_line(const Shape& shape)
{
    std::string line;
    for (const auto tokens : shape)
        line += (line.empty() ? "" : ",") + std::to_string(tokens);
    return line + '\n';
}

bool says_loaded(std::string_view line)
{
    const auto said = parsed(line);
    return said.is_object() && said.contains("loaded") && said["loaded"] == true;
}

std::optional<microseconds> time_from(std::string_view line)
{
    const auto said = parsed(line);
    if (!said.is_object() || !said.contains("us") || !said["us"].is_number_unsigned())
        return std::nullopt;
    return microseconds{said["us"].get<std::int64_t>()};
}

BareLoop::BareLoop(const std::vector<std::string>& command, std::chrono::milliseconds limit)
    : program_(command.front()), limit_(limit)
{
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    socket_ = ends[0];
    const auto begun = steady_clock::now();
    try {
        child_.emplace(command, ends[1]);
        ::close(ends[1]);
        ends[1] = -1;
        const auto said = next_line();
        if (!says_loaded(said))
            throw std::runtime_error(program_ + " said \"" + said + "\" where {\"loaded\":true} was due");
    } catch (...) {
        if (ends[1] >= 0)
            ::close(ends[1]);
        ::close(socket_);
        throw;
    }
    to_loaded_ = std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
}

BareLoop::~BareLoop()
{
    ::close(socket_); // the end of its input, which ends it
}

microseconds BareLoop::ask(const Shape& shape)
{
    const auto line = request_line(shape);
    for (std::size_t sent = 0; sent < line.size();) {
        const auto put = ::send(socket_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (put < 0)
            throw std::system_error(errno, std::generic_category(), "cannot write to " + program_);
        sent += static_cast<std::size_t>(put);
    }
    const auto answer = next_line();
    const auto took = time_from(answer);
    if (!took)
        throw std::runtime_error(program_ + " said \"" + answer + "\" where {\"us\":N} was due");
    return *took;
}

std::string BareLoop::next_line()
{
    const auto deadline = steady_clock::now() + limit_;
    for (;;) {
        if (const auto end = received_.find('\n'); end != std::string::npos) {
            auto line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
        pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0)
            throw std::runtime_error(program_ + " did not answer in time");
        std::array<char, 4096> piece{};
        const auto got = ::recv(socket_, piece.data(), piece.size(), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            throw std::runtime_error(program_ + " ended before it answered; what it wrote above says why");
        received_.append(piece.data(), static_cast<std::size_t>(got));
    }
}

} // namespace embedd::bench
