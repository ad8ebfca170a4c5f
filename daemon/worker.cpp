#include "daemon/worker.hpp"

#include "daemon/child_process.hpp"
#include "ipc/frame.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <exception>
#include <span>
#include <string_view>

namespace embedd::daemon {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t read_bytes = std::size_t{64} << 10;

// Far more than the largest batch of the largest model answers with: what is beyond is no answer of ours.
constexpr ipc::FrameLimits worker_limits{.header_bytes = 1U << 20, .payload_bytes = 256U << 20};

// A worker whose channel ended is on its way out, and its exit code says why; past this it is not.
constexpr std::chrono::seconds time_to_exit{5};

struct OutgoingFrame {
    std::array<std::byte, ipc::frame_head_bytes> head;
    std::string header;
    std::vector<std::byte> payload;
};

void rethrow(const std::exception_ptr& exception)
{
    if (exception)
        std::rethrow_exception(exception);
}

} // namespace

std::string WorkerEnd::describe() const
{
    const auto how = daemon::describe(ChildExit{.code = exit_code, .signal = signal});
    return said.empty() ? how : said + "; " + how;
}

class Worker::State : public std::enable_shared_from_this<State> {
public:
    State(asio::any_io_executor executor, Descriptor channel, ChildProcess process, Events events)
        : executor_(executor), events_(std::move(events)), process_(std::move(process)),
          channel_(executor, asio::local::stream_protocol(), channel.release()),
          exit_(executor, process_.exit_descriptor().release()), overstayed_(executor), pid_(process_.pid())
    {
    }

    void start()
    {
        asio::co_spawn(executor_, read_channel(shared_from_this()), rethrow);
        asio::co_spawn(executor_, watch_exit(shared_from_this()), rethrow);
    }

    void send(const ipc::DaemonMessage& message, std::vector<std::byte> payload)
    {
        if (!channel_.is_open())
            return; // on_end is on its way
        auto header = ipc::to_header(message);
        const auto head = ipc::frame_head(header.size(), payload.size());
        outgoing_.push_back({head, std::move(header), std::move(payload)});
        if (!writing_) {
            writing_ = true;
            asio::co_spawn(executor_, write_queue(shared_from_this()), rethrow);
        }
    }

    void kill(std::string why = {})
    {
        if (said_.empty())
            said_ = std::move(why);
        if (phase_ == Phase::alive)
            process_.kill(); // first: a worker that sees its channel end leaves as if all were well
        close_channel();
    }

    // The owner is gone: nobody is called any more. The process is reaped with this state's last reference,
    // which a pending handler may hold for long, so it is killed at once.
    void abandon()
    {
        process_.kill();
        close_channel();
        phase_ = Phase::over;
        boost::system::error_code ignored;
        exit_.close(ignored);
        const ChildProcess reaped = std::move(process_);
    }

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
    enum class Phase : std::uint8_t { alive, exited, over };

    static asio::awaitable<void> read_channel(std::shared_ptr<State> self)
    {
        std::vector<std::byte> buffer(read_bytes);
        while (true) {
            const auto [error, bytes] =
                co_await self->channel_.async_read_some(asio::buffer(buffer), as_result);
            if (error)
                break;
            self->take(std::span(buffer).first(bytes));
        }
        self->channel_ended();
    }

    static asio::awaitable<void> write_queue(std::shared_ptr<State> self)
    {
        while (!self->outgoing_.empty() && self->channel_.is_open()) {
            const OutgoingFrame frame = std::move(self->outgoing_.front());
            self->outgoing_.pop_front();
            const std::array<asio::const_buffer, 3> parts{
                asio::buffer(frame.head), asio::buffer(frame.header), asio::buffer(frame.payload)};
            const auto [error, bytes] = co_await asio::async_write(self->channel_, parts, as_result);
            if (error)
                break; // the reader learns it too, and says it
        }
        self->writing_ = false;
    }

    static asio::awaitable<void> watch_exit(std::shared_ptr<State> self)
    {
        while (self->phase_ == Phase::alive) {
            const auto [error] = co_await self->exit_.async_wait(stream_descriptor::wait_read, as_result);
            if (error || self->phase_ != Phase::alive)
                co_return; // abandoned
            if (const auto exit = self->process_.reap())
                self->exited(*exit);
        }
    }

    static asio::awaitable<void> kill_if_it_stays(std::shared_ptr<State> self)
    {
        self->overstayed_.expires_after(time_to_exit);
        const auto [error] = co_await self->overstayed_.async_wait(as_result);
        if (!error && self->phase_ == Phase::alive)
            self->kill("closed its channel and stayed");
    }

    void take(std::span<const std::byte> bytes)
    {
        decoder_.feed(bytes);
        while (channel_.is_open()) {
            auto frame = decoder_.next();
            if (!frame)
                break;
            auto message = ipc::parse_worker_message(frame->header);
            if (!message)
                return kill("sent a message that cannot be read (" + message.error().message + ")");
            events_.on_message(std::move(*message), std::move(frame->payload));
        }
        if (const auto fault = decoder_.fault())
            kill("sent a frame that cannot be read (" + std::string(ipc::to_string(*fault)) + ")");
    }

    void channel_ended()
    {
        channel_over_ = true;
        close_channel();
        if (phase_ == Phase::exited)
            finish();
        else if (phase_ == Phase::alive)
            asio::co_spawn(executor_, kill_if_it_stays(shared_from_this()), rethrow);
    }

    // Its last words may still be in the channel, and say more than the exit code: they stay readable after
    // shutdown, and then comes the end, whoever else may hold the other side.
    void exited(const ChildExit& exit)
    {
        exit_status_ = exit;
        phase_ = Phase::exited;
        overstayed_.cancel();
        if (channel_over_)
            return finish();
        boost::system::error_code ignored;
        channel_.shutdown(asio::socket_base::shutdown_both, ignored);
    }

    void finish()
    {
        phase_ = Phase::over;
        const auto events = std::move(events_);
        events.on_end({.exit_code = exit_status_.code, .signal = exit_status_.signal, .said = said_});
    }

    void close_channel()
    {
        outgoing_.clear();
        boost::system::error_code ignored;
        channel_.close(ignored);
    }

    asio::any_io_executor executor_;
    Events events_;
    ipc::FrameDecoder decoder_{worker_limits};
    std::deque<OutgoingFrame> outgoing_;
    std::string said_;
    bool writing_ = false;
    bool channel_over_ = false;
    ChildExit exit_status_;
    Phase phase_ = Phase::alive;
    ChildProcess process_;
    asio::local::stream_protocol::socket channel_;
    stream_descriptor exit_;
    asio::steady_timer overstayed_;
    pid_t pid_;
};

Result<std::unique_ptr<Worker>> Worker::spawn(asio::any_io_executor executor, const WorkerCommand& command,
                                              Events events)
{
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return Failure{ExitCode::failure,
                       std::string("cannot make a channel for a worker: ") + std::strerror(errno)};
    }
    Descriptor ours(ends[0]);
    const Descriptor theirs(ends[1]);

    auto process = ChildProcess::spawn({.program = command.program,
                                        .arguments = command.arguments,
                                        .cpus = command.cpus,
                                        .channel = theirs.number()});
    if (!process)
        return process.error();
    auto state =
        std::make_shared<State>(std::move(executor), std::move(ours), std::move(*process), std::move(events));
    state->start();
    return std::unique_ptr<Worker>(new Worker(std::move(state)));
}

Worker::Worker(std::shared_ptr<State> state) : state_(std::move(state)) {}

Worker::~Worker()
{
    state_->abandon();
}

void Worker::send(const ipc::DaemonMessage& message, std::vector<std::byte> payload)
{
    state_->send(message, std::move(payload));
}

void Worker::kill()
{
    state_->kill();
}

pid_t Worker::pid() const noexcept
{
    return state_->pid();
}

} // namespace embedd::daemon
