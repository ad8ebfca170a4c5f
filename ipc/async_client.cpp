#include "ipc/async_client.hpp"

#include "ipc/connect.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <random>
#include <utility>

namespace embedd::ipc {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr FrameLimits answer_limits{.header_bytes = 256ULL << 20, .payload_bytes = 4ULL << 30};
constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

CallFailure link_failure(LinkFault fault, std::string message)
{
    return {.link = fault, .error = {ErrorType::internal, std::move(message), {}}};
}

// Only what throws ends up here: a bug, which must not go unseen.
void rethrow(const std::exception_ptr& error)
{
    if (error)
        std::rethrow_exception(error);
}

} // namespace

class AsyncClient::State : public std::enable_shared_from_this<State> {
public:
    State(asio::any_io_executor executor, Client::Options options)
        : executor_(std::move(executor)), options_(std::move(options))
    {
    }

    static asio::awaitable<CallResult<Frame>> call(std::shared_ptr<State> self, Request request)
    {
        const auto id = ++self->last_id_;
        request.id = id;
        if (request.client.empty())
            request.client = self->options_.name;
        if (!request.timeout)
            request.timeout = self->options_.timeout;

        Waiting waiting{asio::steady_timer{self->executor_}, std::nullopt};
        waiting.wake.expires_after(self->options_.timeout);
        self->waiting_.emplace(id, &waiting);
        self->outbox_.push_back(encode_frame(to_header(request)));
        self->ensure_running();

        co_await waiting.wake.async_wait(tuple);
        self->waiting_.erase(id);
        if (waiting.answer)
            co_return std::move(*waiting.answer);
        co_return link_failure(LinkFault::timed_out,
                               "no answer from " + self->options_.socket.string() + " in time");
    }

    void close() { fail_all(link_failure(LinkFault::closed, "the connection was given up")); }

private:
    struct Waiting {
        asio::steady_timer wake; // expires at the deadline, or is cancelled when the answer is there
        std::optional<CallResult<Frame>> answer;
    };

    // A connection that is being made or is up, with the two coroutines that serve it. They hold it and the
    // state.
    struct Link {
        explicit Link(const asio::any_io_executor& executor) : socket(executor), more(executor) {}

        asio::local::stream_protocol::socket socket;
        asio::steady_timer more; // cancelled when the outbox has something
    };

    void ensure_running()
    {
        if (link_) {
            link_->more.cancel();
            return;
        }
        link_ = std::make_shared<Link>(executor_);
        link_->more.expires_at(steady_clock::time_point::max());
        asio::co_spawn(executor_, write_all(shared_from_this(), link_), rethrow);
    }

    static asio::awaitable<void> write_all(std::shared_ptr<State> self, std::shared_ptr<Link> link)
    {
        const auto failure = co_await connect(self, link);
        if (self->link_ != link)
            co_return;
        if (failure) {
            self->fail_all(*failure);
            co_return;
        }
        asio::co_spawn(self->executor_, read_all(self, link), rethrow);
        while (self->link_ == link) {
            if (self->outbox_.empty()) {
                co_await link->more.async_wait(tuple);
                continue;
            }
            const auto frame = std::move(self->outbox_.front());
            self->outbox_.pop_front();
            const auto [error, written] =
                co_await asio::async_write(link->socket, asio::buffer(frame), tuple);
            if (error && self->link_ == link)
                self->fail_all(self->hung_up());
        }
    }

    static asio::awaitable<std::optional<CallFailure>> connect(std::shared_ptr<State> self,
                                                               std::shared_ptr<Link> link)
    {
        asio::steady_timer pause{self->executor_};
        std::minstd_rand random{std::random_device{}()};
        const auto deadline = steady_clock::now() + self->options_.timeout;
        while (true) {
            const auto attempt = try_connect(self->options_.socket);
            if (attempt.socket >= 0) {
                link->socket.assign(asio::local::stream_protocol{}, attempt.socket);
                co_return std::nullopt;
            }
            if (attempt.error != EAGAIN || steady_clock::now() >= deadline)
                co_return link_failure(LinkFault::unreachable, "cannot reach a daemon at " +
                                                                   self->options_.socket.string() + ": " +
                                                                   std::strerror(attempt.error));
            pause.expires_after(std::chrono::milliseconds{5 + random() % 20});
            co_await pause.async_wait(tuple);
        }
    }

    static asio::awaitable<void> read_all(std::shared_ptr<State> self, std::shared_ptr<Link> link)
    {
        FrameDecoder decoder{answer_limits};
        std::array<std::byte, 64 << 10> piece;
        while (self->link_ == link) {
            const auto [error, got] = co_await link->socket.async_read_some(asio::buffer(piece), tuple);
            if (self->link_ != link)
                co_return;
            if (error) {
                self->fail_all(self->hung_up());
                co_return;
            }
            decoder.feed(std::span{piece}.first(got));
            while (auto frame = decoder.next())
                self->answer(std::move(*frame));
            if (decoder.fault())
                self->fail_all(link_failure(LinkFault::malformed, std::string{to_string(*decoder.fault())}));
        }
    }

    void answer(Frame frame)
    {
        const auto id = reply_id(frame.header);
        const auto* number = id ? std::get_if<std::uint64_t>(&*id) : nullptr;
        const auto found = number != nullptr ? waiting_.find(*number) : waiting_.end();
        if (found == waiting_.end())
            return; // its caller gave up, or it answers no request of ours
        const auto refused = parse_reply<CancelReply>(frame.header);
        if (refused)
            found->second->answer.emplace(std::move(frame));
        else
            found->second->answer.emplace(CallFailure{.link = {}, .error = refused.error()});
        found->second->wake.cancel();
    }

    [[nodiscard]] CallFailure hung_up() const
    {
        return link_failure(LinkFault::closed, "the daemon at " + options_.socket.string() + " hung up");
    }

    void fail_all(const CallFailure& failure)
    {
        if (const auto link = std::exchange(link_, nullptr)) {
            error_code ignored;
            link->socket.close(ignored);
            link->more.cancel();
        }
        outbox_.clear();
        for (auto& [id, waiting] : waiting_) {
            if (!waiting->answer)
                waiting->answer.emplace(failure);
            waiting->wake.cancel();
        }
    }

    asio::any_io_executor executor_;
    Client::Options options_;
    std::uint64_t last_id_ = 0;
    std::shared_ptr<Link> link_;
    std::deque<std::vector<std::byte>> outbox_;
    std::map<std::uint64_t, Waiting*> waiting_; // each lives in its call's coroutine
};

AsyncClient::AsyncClient(asio::any_io_executor executor, Client::Options options)
    : state_(std::make_shared<State>(std::move(executor), std::move(options)))
{
}

AsyncClient::~AsyncClient()
{
    state_->close();
}

asio::awaitable<CallResult<Frame>> AsyncClient::call(Request request)
{
    return State::call(state_, std::move(request));
}

void AsyncClient::close()
{
    state_->close();
}

} // namespace embedd::ipc
