#include "daemon/tokenizer_proof.hpp"

#include "daemon/child_process.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace embedd::daemon {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t said_max = std::size_t{64} << 10;
constexpr const char* any_id = "0"; // the largest id is held against the model once that is known

std::string last_line(std::string_view text)
{
    while (!text.empty() && text.back() == '\n')
        text.remove_suffix(1);
    return std::string(text.substr(text.rfind('\n') + 1));
}

// What the proof says until it closes its stderr, the last of it.
asio::awaitable<std::string> read_to_end(stream_descriptor& pipe)
{
    std::string said;
    std::array<char, 4096> buffer;
    while (true) {
        const auto [error, bytes] = co_await pipe.async_read_some(asio::buffer(buffer), as_result);
        if (error)
            co_return said;
        said.append(buffer.data(), bytes);
        if (said.size() > said_max)
            said.erase(0, said.size() - said_max);
    }
}

asio::awaitable<void> expire(asio::steady_timer& timer, ChildProcess& process)
{
    const auto [error] = co_await timer.async_wait(as_result);
    if (!error)
        process.kill();
}

asio::awaitable<std::string> listen_and_reap(stream_descriptor& pipe, stream_descriptor& exit,
                                             ChildProcess& process, std::optional<ChildExit>& outcome)
{
    auto said = co_await read_to_end(pipe);
    while (!outcome) {
        const auto [error] = co_await exit.async_wait(stream_descriptor::wait_read, as_result);
        if (error)
            break;
        outcome = process.reap();
    }
    co_return said;
}

} // namespace

asio::awaitable<Result<void>> prove_tokenizer(asio::any_io_executor executor,
                                              std::filesystem::path proof_program,
                                              std::filesystem::path tokenizer_json,
                                              std::chrono::milliseconds deadline)
{
    using namespace asio::experimental::awaitable_operators;

    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        co_return Failure{ExitCode::failure, std::string("cannot make a pipe: ") + std::strerror(errno)};
    Descriptor ours(ends[0]), theirs(ends[1]);
    const Descriptor nothing(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    const ChildCommand command{.program = proof_program,
                               .arguments = {tokenizer_json.string(), any_id},
                               .standard_output = nothing.number(),
                               .standard_error = theirs.number()};
    auto process = ChildProcess::spawn(command);
    if (!process)
        co_return process.error();
    theirs.reset();

    stream_descriptor pipe(executor, ours.release());
    stream_descriptor exit(executor, process->exit_descriptor().release());
    asio::steady_timer timer(executor, deadline);
    std::optional<ChildExit> outcome;
    std::string said;
    auto listening = listen_and_reap(pipe, exit, *process, outcome);
    auto expiring = expire(timer, *process);
    const auto first = co_await (std::move(listening) || std::move(expiring));
    if (first.index() == 0)
        said = std::get<0>(first);
    const bool overran = first.index() == 1;
    if (outcome && outcome->code == 0)
        co_return Result<void>();

    std::string why = last_line(said);
    if (overran)
        why = "the tokenizer did not load within " + std::to_string(deadline.count()) + " ms";
    else if (why.empty() && outcome)
        why = "its proof was " + describe(*outcome);
    co_return Failure{ExitCode::configuration, tokenizer_json.string() + ": refused: " + why};
}

} // namespace embedd::daemon
