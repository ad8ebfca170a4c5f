#pragma once

#include "daemon/byte_budget.hpp"
#include "daemon/clients.hpp"
#include "daemon/operations.hpp"
#include "ipc/frame.hpp"
#include "ipc/peer.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace embedd::daemon {

class Log;

// Everything a client can push on, and where it ends.
struct SessionLimits {
    std::uint64_t request_bytes = 16ULL << 20;
    std::size_t inputs = 8192;
    std::size_t inflight = 1024;                   // then it is not read from
    std::size_t subscriptions = 8;                 // then others are refused
    std::size_t unwritten_bytes = 32ULL << 20;     // then it is not read from either
    std::size_t unheld_bytes = 64ULL << 10;        // what a connection may hold beside the budget of all
    std::chrono::milliseconds whole_frame{30'000}; // from a frame's first byte to its last
    std::chrono::milliseconds write_stall{10'000}; // a reader takes at least write_pace in this time
    std::size_t write_pace = 64ULL << 10;
};

// One client's connection: reads frames, answers in any order, and outlives neither the client's interest nor
// its patience with us. Held by the server and by the coroutine that reads.
class Session : public std::enable_shared_from_this<Session> {
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    Session(Socket, ipc::Peer, Caller, const SessionLimits&, Operations&, Clients&,
            std::function<void()> on_end);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void start(Log&);
    void close(); // now; what is under way is abandoned

    // Nothing is owed: no request is under way and every answer was written. Subscriptions owe nothing.
    [[nodiscard]] bool quiet() const noexcept
    {
        return under_way() == 0 && unwritten_answers_ == 0 && parsing_bytes_ == 0;
    }

private:
    struct Outgoing {
        std::string head; // frame head and header
        std::vector<std::byte> payload;
        ByteBudget::Reservation memory;
        bool more = false; // others follow to the same request
        std::size_t done = 0;

        [[nodiscard]] std::size_t size() const noexcept { return head.size() + payload.size(); }
    };

    boost::asio::awaitable<void> read();
    void take_frames();
    void take(ipc::Frame);
    void parse_elsewhere(std::string header);
    void parsed(boost::system::result<ipc::Request, ipc::Refusal>, std::size_t bytes);
    void begin(ipc::Request, std::size_t bytes);
    void cancel(const ipc::Id&, const ipc::Id& target);
    bool answered(const ipc::Id&, CallOutcome); // false: left out
    void refuse(const ipc::Id&, const ipc::Error&);
    void send(ipc::Frame, ByteBudget::Reservation = {}, bool more = false);
    void send_raw(std::string bytes);
    void queue(Outgoing);
    void write();
    void name(const std::string& client);
    void distrust(); // the stream makes no sense: say so, answer what was accepted, close
    void refuse_the_rest(const ipc::Error&); // the same, where there is no memory for what it sends
    void end_subscriptions();
    void close_when_quiet();
    void watch_leaving();
    void watch_time();
    [[nodiscard]] bool full() const;
    [[nodiscard]] std::size_t under_way() const noexcept { return calls_.size() - subscriptions_.size(); }
    [[nodiscard]] std::size_t bytes_of_its_own() const;

    Socket socket_;
    ipc::Peer peer_;
    Caller caller_;
    const SessionLimits& limits_;
    Operations& operations_;
    Clients& clients_;
    std::function<void()> on_end_;
    std::shared_ptr<ClientRow> row_;

    ipc::FrameDecoder decoder_;
    std::string opening_; // the first bytes, to tell what it speaks if it is not ours
    std::map<ipc::Id, std::shared_ptr<Call>> calls_;
    std::set<ipc::Id> subscriptions_; // of calls_
    std::deque<Outgoing> unwritten_;
    std::size_t unwritten_bytes_ = 0, unwritten_answers_ = 0, written_in_time_ = 0;
    std::size_t unheld_bytes_ = 0;   // of unwritten answers without a reservation of their own
    std::size_t parsing_bytes_ = 0;  // of a large request that another thread reads; those behind it wait
    ByteBudget::Reservation memory_; // for what the connection holds beside requests and their answers
    bool writing_ = false, reading_ = true, closed_ = false, named_ = false;

    boost::asio::steady_timer room_;  // waited on while the session is full
    boost::asio::steady_timer clock_; // armed while a frame or a write is unfinished
    std::optional<Clock::time_point> frame_since_, write_since_;
    bool clock_armed_ = false;
};

} // namespace embedd::daemon
