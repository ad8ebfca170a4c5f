#include "daemon/session.hpp"

#include "daemon/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <poll.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace embedd::daemon {

namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t read_bytes = 4096;       // of each session; a longer rush is read into the loop's own
constexpr std::size_t rush_bytes = 256 * 1024; // at most, before others have their turn

constexpr std::size_t events_unwritten_max = 64 * 1024;

// A larger request would hold up the others for more than some hundred microseconds.
constexpr std::size_t header_on_the_loop = 16 * 1024;

constexpr std::string_view http_refusal = "HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain\r\n"
                                          "Content-Length: 42\r\nConnection: close\r\n\r\n"
                                          "embedd speaks its frame protocol only.    ";

bool looks_like_http(std::string_view opening)
{
    const auto letters = std::ranges::find_if(opening, [](char c) { return c < 'A' || c > 'Z'; });
    return letters != opening.begin() && (letters == opening.end() || *letters == ' ');
}

bool has_left(int socket)
{
    pollfd state{.fd = socket, .events = 0, .revents = 0};
    return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLHUP | POLLERR)) != 0;
}

} // namespace

Session::Session(Socket socket, ipc::Peer peer, Caller caller, const SessionLimits& limits,
                 Operations& operations, Clients& clients, std::function<void()> on_end)
    : socket_(std::move(socket)), peer_(std::move(peer)), caller_(caller), limits_(limits),
      operations_(operations), clients_(clients), on_end_(std::move(on_end)), row_(clients.row(peer_, "")),
      decoder_({.header_bytes = limits.request_bytes, .payload_bytes = 0}),
      memory_(operations.memory(), caller.owner.uid, ByteBudget::Use::connection),
      room_(socket_.get_executor()), clock_(socket_.get_executor())
{
    boost::system::error_code none;
    socket_.non_blocking(true, none); // what read_some would wait for comes to async_read_some
    ++row_->connections;
}

Session::~Session()
{
    row_->inflight -= under_way();
    --row_->connections;
}

void Session::start(Log& log)
{
    watch_leaving();
    asio::co_spawn(socket_.get_executor(), read(),
                   [self = shared_from_this(), &log](std::exception_ptr failure) {
                       if (!failure)
                           return;
                       try {
                           std::rethrow_exception(failure);
                       } catch (const std::exception& error) {
                           log.error(std::string("a session failed (") + error.what() + "), closing it");
                       }
                       self->close();
                   });
}

asio::awaitable<void> Session::read()
{
    const auto self = shared_from_this();
    std::array<std::byte, read_bytes> few{};
    while (!closed_ && reading_) {
        if (full()) {
            room_.expires_at(Clock::time_point::max());
            co_await room_.async_wait(as_result);
            if (!closed_)
                take_frames();
            continue;
        }
        const auto [failure, count] = co_await socket_.async_read_some(asio::buffer(few), as_result);
        if (closed_)
            co_return;
        if (failure) {
            reading_ = false;
            break;
        }
        if (opening_.size() < 8)
            opening_.append(reinterpret_cast<const char*>(few.data()), std::min<std::size_t>(count, 8));
        decoder_.feed(std::span(few).first(count));
        if (count == few.size()) {
            static std::array<std::byte, 64 * 1024> many; // one loop, one thread
            boost::system::error_code none;
            std::size_t rush = 0, more = 0;
            while (rush < rush_bytes && !decoder_.fault() &&
                   (more = socket_.read_some(asio::buffer(many), none), !none)) {
                decoder_.feed(std::span(many).first(more));
                rush += more;
            }
        }
        take_frames();
    }
    frame_since_.reset();
    close_when_quiet();
}

// Those that are whole, until the session is full: what comes after them waits in the decoder.
void Session::take_frames()
{
    while (!full()) {
        if (const auto room = memory_.grow_to(bytes_of_its_own()); !room)
            return refuse_the_rest(room.error());
        auto frame = decoder_.next();
        if (!frame)
            break;
        frame_since_.reset();
        take(*std::move(frame));
        if (closed_)
            return;
    }
    if (decoder_.fault())
        return distrust();
    decoder_.trim();
    memory_.shrink_to(bytes_of_its_own());
    if (full() || decoder_.buffered() == 0)
        frame_since_.reset();
    else if (!frame_since_)
        frame_since_ = Clock::now();
    watch_time();
}

void Session::take(ipc::Frame frame)
{
    if (frame.header.size() > header_on_the_loop)
        return parse_elsewhere(std::move(frame.header));
    parsed(ipc::parse_request(frame.header, {.inputs = limits_.inputs}), frame.header.size());
}

// What follows on the connection waits, so that requests begin in their order.
void Session::parse_elsewhere(std::string header)
{
    struct Parsing {
        std::string header;
        std::optional<boost::system::result<ipc::Request, ipc::Refusal>> request;
    };
    parsing_bytes_ = header.size();
    const auto parsing = std::make_shared<Parsing>(std::move(header));
    operations_.pool().run(
        [parsing, inputs = limits_.inputs] {
            try {
                parsing->request = ipc::parse_request(parsing->header, {.inputs = inputs});
            } catch (const std::exception&) {
                parsing->request = ipc::Refusal{
                    .id = {}, .error = {ipc::ErrorType::internal, "not enough memory for this request", {}}};
            }
        },
        [self = shared_from_this(), parsing] {
            self->parsing_bytes_ = 0;
            if (self->closed_)
                return;
            self->memory_.shrink_to(self->bytes_of_its_own());
            self->parsed(*std::move(parsing->request), parsing->header.size());
            self->room_.cancel();
            self->close_when_quiet();
        });
}

void Session::parsed(boost::system::result<ipc::Request, ipc::Refusal> request, std::size_t bytes)
{
    ++row_->requests;
    if (request)
        return begin(*std::move(request), bytes);
    refuse(request.error().id, request.error().error);
}

void Session::begin(ipc::Request request, std::size_t bytes)
{
    if (!operations_.is_rehearsal(caller_, request))
        name(request.client);
    const ipc::Id id = request.id;
    if (const auto* cancelling = std::get_if<ipc::CancelRequest>(&request.operation))
        return cancel(id, cancelling->target);
    if (calls_.contains(id))
        return refuse(id, {ipc::ErrorType::bad_request, "a request with this id is under way", {}});
    if (!std::holds_alternative<ipc::SubscribeRequest>(request.operation))
        ++row_->inflight;
    else if (subscriptions_.size() < limits_.subscriptions)
        subscriptions_.insert(id);
    else
        return refuse(id, {ipc::ErrorType::overloaded,
                           "this connection has " + std::to_string(limits_.subscriptions) +
                               " subscriptions: cancel one first",
                           {}});
    calls_.emplace(id, nullptr);
    auto call = operations_.begin(caller_, std::move(request), bytes,
                                  [self = weak_from_this(), id](CallOutcome outcome) {
                                      const auto session = self.lock();
                                      return session && session->answered(id, std::move(outcome));
                                  });
    const auto mine = calls_.find(id);
    if (mine != calls_.end())
        mine->second = std::move(call);
}

void Session::cancel(const ipc::Id& id, const ipc::Id& target)
{
    const auto found = calls_.find(target);
    const bool known = found != calls_.end() && found->second;
    if (known) {
        found->second->abandon();
        calls_.erase(found);
        if (subscriptions_.erase(target) == 0)
            --row_->inflight;
    }
    send({ipc::to_header(id, ipc::CancelReply{known}), {}});
}

bool Session::answered(const ipc::Id& id, CallOutcome outcome)
{
    if (outcome.more) {
        // Who does not read misses steps of the progress, never the answer at its end.
        const bool taken = calls_.contains(id) && unwritten_bytes_ < events_unwritten_max;
        if (taken)
            send(std::move(outcome.frame), std::move(outcome.memory), true);
        return taken;
    }
    if (calls_.erase(id) == 0)
        return true; // cancelled, or the client is gone
    --row_->inflight;
    row_->tokens += outcome.tokens;
    row_->rejected += outcome.refused ? 1 : 0;
    send(std::move(outcome.frame), std::move(outcome.memory));
    room_.cancel();
    return true;
}

// Before it was under way.
void Session::refuse(const ipc::Id& id, const ipc::Error& error)
{
    ++row_->rejected;
    operations_.refused(error.type);
    send({ipc::to_header(id, error), {}});
}

void Session::send(ipc::Frame frame, ByteBudget::Reservation memory, bool more)
{
    const auto head = ipc::frame_head(frame.header.size(), frame.payload.size());
    std::string bytes(reinterpret_cast<const char*>(head.data()), head.size());
    bytes += frame.header;
    queue({.head = std::move(bytes),
           .payload = std::move(frame.payload),
           .memory = std::move(memory),
           .more = more});
}

void Session::send_raw(std::string bytes)
{
    queue({.head = std::move(bytes)});
}

void Session::queue(Outgoing answer)
{
    unwritten_bytes_ += answer.size();
    unwritten_answers_ += answer.more ? 0 : 1;
    unheld_bytes_ += answer.memory.bytes() == 0 ? answer.size() : 0;
    unwritten_.push_back(std::move(answer));
    write();
}

void Session::write()
{
    if (writing_ || closed_ || unwritten_.empty())
        return;
    writing_ = true;
    if (!write_since_) {
        write_since_ = Clock::now();
        written_in_time_ = 0;
        watch_time();
    }
    Outgoing& next = unwritten_.front();
    const std::size_t of_payload = next.done - std::min(next.done, next.head.size());
    const std::array<asio::const_buffer, 2> parts{asio::buffer(next.head) +
                                                      std::min(next.done, next.head.size()),
                                                  asio::buffer(next.payload) + of_payload};
    socket_.async_write_some(
        parts, [self = shared_from_this()](boost::system::error_code failure, std::size_t count) {
            self->writing_ = false;
            if (failure)
                return self->close();
            Outgoing& sent = self->unwritten_.front();
            sent.done += count;
            self->written_in_time_ += count;
            self->unwritten_bytes_ -= count;
            if (sent.done == sent.size()) {
                self->unheld_bytes_ -= sent.memory.bytes() == 0 ? sent.size() : 0;
                self->unwritten_answers_ -= sent.more ? 0 : 1;
                self->unwritten_.pop_front();
                self->memory_.shrink_to(self->bytes_of_its_own());
            }
            if (self->unwritten_.empty())
                self->write_since_.reset();
            self->room_.cancel();
            self->write();
            self->close_when_quiet();
        });
}

void Session::name(const std::string& client)
{
    if (client.empty() || client == row_->name)
        return;
    auto renamed = clients_.row(peer_, client);
    ++renamed->connections;
    renamed->inflight += under_way();
    row_->inflight -= under_way();
    --row_->connections;
    --row_->requests;
    ++renamed->requests;
    row_ = std::move(renamed);
}

void Session::distrust()
{
    reading_ = false;
    end_subscriptions();
    if (decoder_.fault() == ipc::FrameFault::bad_magic && looks_like_http(opening_))
        return send_raw(std::string(http_refusal));
    const auto type = decoder_.fault() == ipc::FrameFault::bad_magic ? ipc::ErrorType::bad_request
                                                                     : ipc::ErrorType::too_large;
    refuse({}, {type, std::string(to_string(*decoder_.fault())), {}});
}

void Session::refuse_the_rest(const ipc::Error& error)
{
    reading_ = false;
    end_subscriptions();
    decoder_ = ipc::FrameDecoder({});
    memory_.shrink_to(bytes_of_its_own());
    refuse({}, error);
}

// They have no last answer that a connection could be closed after.
void Session::end_subscriptions()
{
    for (const auto& id : std::exchange(subscriptions_, {}))
        calls_.extract(id).mapped()->abandon();
}

void Session::close_when_quiet()
{
    if (!reading_ && parsing_bytes_ == 0 && calls_.empty() && unwritten_.empty())
        close();
}

void Session::close()
{
    if (closed_)
        return;
    closed_ = true;
    const auto self = shared_from_this(); // on_end_ lets go of us
    for (const auto& [id, call] : calls_)
        if (call)
            call->abandon();
    row_->inflight -= under_way();
    calls_.clear();
    subscriptions_.clear();
    boost::system::error_code none;
    socket_.close(none);
    room_.cancel();
    clock_.cancel();
    if (const auto on_end = std::exchange(on_end_, nullptr))
        on_end();
}

// Half of a connection may be closed by a client that still waits for its answers: only when both halves are
// has it left.
void Session::watch_leaving()
{
    socket_.async_wait(Socket::wait_error, [self = weak_from_this()](boost::system::error_code failure) {
        const auto session = self.lock();
        if (failure || !session || session->closed_)
            return;
        if (has_left(session->socket_.native_handle()))
            session->close();
    });
}

void Session::watch_time()
{
    if (clock_armed_ || closed_ || (!frame_since_ && !write_since_))
        return;
    auto next = Clock::time_point::max();
    if (frame_since_)
        next = std::min(next, *frame_since_ + limits_.whole_frame);
    if (write_since_)
        next = std::min(next, *write_since_ + limits_.write_stall);
    clock_armed_ = true;
    clock_.expires_at(next);
    clock_.async_wait([self = weak_from_this()](boost::system::error_code failure) {
        const auto session = self.lock();
        if (!session)
            return;
        session->clock_armed_ = false;
        if (failure || session->closed_)
            return;
        const auto now = Clock::now();
        if (session->frame_since_ && now >= *session->frame_since_ + session->limits_.whole_frame)
            return session->close();
        if (session->write_since_ && now >= *session->write_since_ + session->limits_.write_stall) {
            if (session->written_in_time_ < session->limits_.write_pace)
                return session->close();
            session->write_since_ = now;
            session->written_in_time_ = 0;
        }
        session->watch_time();
    });
}

// Beyond the little that each may hold: frames that are not whole, and answers like those to `status`.
std::size_t Session::bytes_of_its_own() const
{
    const std::size_t bytes = decoder_.held() + parsing_bytes_ + unheld_bytes_;
    return bytes - std::min(bytes, limits_.unheld_bytes);
}

bool Session::full() const
{
    return parsing_bytes_ > 0 || calls_.size() >= limits_.inflight ||
           unwritten_bytes_ >= limits_.unwritten_bytes;
}

} // namespace embedd::daemon
