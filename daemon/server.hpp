#pragma once

#include "daemon/listener.hpp"
#include "daemon/session.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <map>
#include <memory>

namespace embedd::daemon {

// Accepts clients and holds their sessions. Event loop's thread only.
class Server {
public:
    Server(boost::asio::any_io_executor, const Listener&, SessionLimits, std::size_t max_clients, Operations&,
           Clients&, Log&);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    void stop_accepting(); // those who connect from here on wait in the kernel's queue for our successor
    void close();          // every session, now

    [[nodiscard]] bool quiet() const; // nothing is under way, and every answer was written

private:
    struct State;
    std::shared_ptr<State> state_;
};

// Root, the daemon's own user and members of group embedd-admin.
[[nodiscard]] bool is_admin(const ipc::Peer&);

} // namespace embedd::daemon
