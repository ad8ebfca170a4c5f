#pragma once

#include "ipc/client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace embedd::ipc {

// The same conversation for programs that live in an event loop: many calls may be in flight on one
// connection, and answers find their callers by id. Everything happens on the executor given, which must run
// on one thread. A broken connection fails the calls that were under way; the next call connects again.
class AsyncClient {
public:
    AsyncClient(boost::asio::any_io_executor executor, Client::Options options);
    ~AsyncClient();
    AsyncClient(const AsyncClient&) = delete;
    AsyncClient& operator=(const AsyncClient&) = delete;

    // Gives the request an id of its own. The options' timeout bounds the whole call.
    [[nodiscard]] boost::asio::awaitable<CallResult<Frame>> call(Request request);

    // Ends the connection now; calls under way fail with LinkFault::closed.
    void close();

private:
    class State;
    std::shared_ptr<State> state_; // shared with the coroutines that read and write
};

} // namespace embedd::ipc
