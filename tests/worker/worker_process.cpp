#include "worker_process.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace embedd::tests {

namespace {

constexpr std::chrono::seconds patience{120};

void wait_readable(int descriptor, const char* what)
{
    pollfd poll{.fd = descriptor, .events = POLLIN, .revents = 0};
    constexpr auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
    if (::poll(&poll, 1, static_cast<int>(limit.count())) != 1)
        throw std::runtime_error(what);
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (auto& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

WorkerProcess::WorkerProcess(std::vector<std::string> arguments, std::vector<std::string> environment,
                             const std::string& output)
    : decoder_({.header_bytes = 1U << 20U, .payload_bytes = 1U << 26U})
{
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::runtime_error("socketpair");
    socket_ = ends[0];

    arguments.insert(arguments.begin(), EMBEDD_WORKER);
    arguments.insert(arguments.end(), {"--channel", std::to_string(ipc::worker_channel_fd)});
    for (char** variable = environ; *variable; ++variable)
        if (!std::string_view{*variable}.starts_with("ONEDNN_"))
            environment.emplace_back(*variable);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], ipc::worker_channel_fd);
    if (!output.empty())
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                           O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const auto fault = ::posix_spawn(&pid_, EMBEDD_WORKER, &actions, nullptr, pointers(arguments).data(),
                                     pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (fault != 0)
        throw std::runtime_error("cannot start " EMBEDD_WORKER);
}

WorkerProcess::~WorkerProcess()
{
    hang_up();
    if (pid_ > 0) {
        kill();
        ::waitpid(pid_, nullptr, 0);
    }
}

void WorkerProcess::send(const ipc::DaemonMessage& message, std::span<const std::byte> payload)
{
    const auto frame = ipc::encode_frame(ipc::to_header(message), payload);
    for (std::span<const std::byte> rest = frame; !rest.empty();) {
        const auto wrote = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (wrote < 0)
            throw std::runtime_error("the worker does not take messages");
        rest = rest.subspan(static_cast<std::size_t>(wrote));
    }
}

void WorkerProcess::run(std::uint64_t batch, const std::vector<std::vector<std::int32_t>>& inputs)
{
    ipc::RunBatch request{.batch = batch, .inputs = static_cast<std::uint32_t>(inputs.size())};
    std::vector<std::span<const std::int32_t>> spans;
    for (const auto& input : inputs) {
        request.tokens += static_cast<std::uint32_t>(input.size());
        spans.emplace_back(input);
    }
    send(request, ipc::encode_batch(spans));
}

bool WorkerProcess::receive()
{
    wait_readable(socket_, "no message came");
    std::array<std::byte, 65536> bytes;
    const auto got = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (got <= 0)
        return false;
    decoder_.feed(std::span{bytes}.first(static_cast<std::size_t>(got)));
    return true;
}

WorkerProcess::Received WorkerProcess::next()
{
    while (true) {
        if (auto frame = decoder_.next())
            return {ipc::parse_worker_message(frame->header).value(), std::move(frame->payload)};
        if (decoder_.fault() || !receive())
            throw std::runtime_error("the worker hung up");
    }
}

WorkerProcess::Received WorkerProcess::until_index(std::size_t index)
{
    while (true) {
        auto received = next();
        if (received.message.index() == index)
            return received;
        if (const auto* failed = std::get_if<ipc::WorkerFailed>(&received.message))
            throw std::runtime_error("the worker failed: " + failed->message);
    }
}

WorkerProcess::Received WorkerProcess::answer()
{
    while (true) {
        auto received = next();
        if (std::holds_alternative<ipc::BatchDone>(received.message) ||
            std::holds_alternative<ipc::BatchFailed>(received.message))
            return received;
    }
}

bool WorkerProcess::hung_up()
{
    while (receive())
        while (decoder_.next())
            ;
    return true;
}

void WorkerProcess::hang_up()
{
    if (socket_ >= 0)
        ::close(socket_);
    socket_ = -1;
}

void WorkerProcess::kill() const
{
    ::kill(pid_, SIGKILL);
}

int WorkerProcess::exit_status()
{
    const auto process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    wait_readable(process, "the worker does not end");
    ::close(process);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace embedd::tests
