#include "bench/frame_connection.hpp"

#include "ipc/connect.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace embedd::bench {

namespace asio = boost::asio;

namespace {

constexpr ipc::FrameLimits answer_limits{.header_bytes = 256ULL << 20, .payload_bytes = 4ULL << 30};
constexpr std::size_t piece_bytes = 64 << 10;
constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

} // namespace

FrameConnection::FrameConnection(asio::any_io_executor executor, std::filesystem::path socket)
    : socket_(std::move(executor)), path_(std::move(socket)), decoder_(answer_limits), piece_(piece_bytes)
{
}

ipc::CallFailure FrameConnection::failure(ipc::LinkFault fault, const std::string& what) const
{
    return {.link = fault,
            .error = {ipc::ErrorType::internal, "the daemon at " + path_.string() + ' ' + what, {}}};
}

asio::awaitable<std::optional<ipc::CallFailure>>
FrameConnection::connect(std::chrono::steady_clock::time_point deadline)
{
    close();
    decoder_ = ipc::FrameDecoder{answer_limits};
    asio::steady_timer pause{socket_.get_executor()};
    while (true) {
        const auto attempt = ipc::try_connect(path_);
        if (attempt.socket >= 0) {
            socket_.assign(asio::local::stream_protocol{}, attempt.socket);
            co_return std::nullopt;
        }
        if (attempt.error != EAGAIN || std::chrono::steady_clock::now() >= deadline)
            co_return failure(ipc::LinkFault::unreachable,
                              std::string{"cannot be reached: "} + std::strerror(attempt.error));
        pause.expires_after(std::chrono::milliseconds{10});
        co_await pause.async_wait(tuple);
    }
}

asio::awaitable<std::optional<ipc::CallFailure>> FrameConnection::send(std::span<const std::byte> frame)
{
    const auto [error, written] =
        co_await asio::async_write(socket_, asio::buffer(frame.data(), frame.size()), tuple);
    if (error)
        co_return failure(ipc::LinkFault::closed, "hung up");
    co_return std::nullopt;
}

asio::awaitable<ipc::CallResult<ipc::Frame>> FrameConnection::receive()
{
    while (true) {
        if (auto frame = decoder_.next())
            co_return std::move(*frame);
        if (decoder_.fault())
            co_return failure(ipc::LinkFault::malformed,
                              "sent what is no frame: " + std::string{to_string(*decoder_.fault())});
        const auto [error, got] = co_await socket_.async_read_some(asio::buffer(piece_), tuple);
        if (error)
            co_return failure(ipc::LinkFault::closed, "hung up");
        decoder_.feed(std::span{piece_}.first(got));
    }
}

void FrameConnection::close()
{
    boost::system::error_code ignored;
    socket_.close(ignored);
}

} // namespace embedd::bench
