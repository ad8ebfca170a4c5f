#pragma once

#include "ipc/client.hpp"
#include "ipc/frame.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace embedd::bench {

// One connection, frame by frame. Unlike ipc::AsyncClient it sends bytes that were made before the clock
// started, feels the socket's backpressure, and hands over every answer, also one that nobody waits for.
//
// All on the executor's one thread; one send and one receive may be under way at a time.
class FrameConnection {
public:
    FrameConnection(boost::asio::any_io_executor executor, std::filesystem::path socket);

    // Opens it anew. Tries again while the daemon's backlog is full, until the deadline. Nothing: connected.
    [[nodiscard]] boost::asio::awaitable<std::optional<ipc::CallFailure>>
    connect(std::chrono::steady_clock::time_point deadline);

    // The frame stays the caller's and must live until this is done. Nothing: sent.
    [[nodiscard]] boost::asio::awaitable<std::optional<ipc::CallFailure>>
    send(std::span<const std::byte> frame);

    // The next answer, whichever request it is for.
    [[nodiscard]] boost::asio::awaitable<ipc::CallResult<ipc::Frame>> receive();

    [[nodiscard]] bool open() const { return socket_.is_open(); }
    void close(); // a send or receive under way fails with LinkFault::closed

private:
    [[nodiscard]] ipc::CallFailure failure(ipc::LinkFault fault, const std::string& what) const;

    boost::asio::local::stream_protocol::socket socket_;
    std::filesystem::path path_;
    ipc::FrameDecoder decoder_;
    std::vector<std::byte> piece_;
};

} // namespace embedd::bench
