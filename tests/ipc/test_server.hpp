#pragma once

#include "ipc/frame.hpp"
#include "ipc/request.hpp"

#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace embedd::ipc {

// One accepted connection of a TestServer, in its script's hands.
class Caller {
public:
    explicit Caller(int socket) : socket_(socket) {}

    std::optional<Request> next(); // nothing once the client hung up
    void send(std::span<const std::byte> bytes) const;
    void answer(const Request& request) const; // as a health answer

private:
    int socket_;
    FrameDecoder decoder_{{.header_bytes = 1 << 20, .payload_bytes = 0}};
};

// A daemon for one test: listens in a directory of its own and hands each connection, numbered from 0, to the
// script.
class TestServer {
public:
    using Script = std::function<void(Caller&, int connection)>;

    explicit TestServer(Script script, int backlog = 16);
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::string path() const { return directory_ + "/s"; }

private:
    std::string directory_ = "/tmp/embedd-XXXXXX";
    int listener_ = -1;
    std::jthread thread_;
};

} // namespace embedd::ipc
