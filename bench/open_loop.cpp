#include "bench/open_loop.hpp"

#include "bench/frame_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>

namespace embedd::bench {

namespace asio = boost::asio;
using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

// More than a daemon reads from one connection before it answers, so that a request's number, which is its
// id, is free again when its turn comes round.
constexpr std::size_t numbers = 4096;
constexpr auto connect_limit = std::chrono::seconds{10};
constexpr auto patience = std::chrono::seconds{5}; // for answers, beyond the last request's timeout

void rethrow(const std::exception_ptr& error)
{
    if (error)
        std::rethrow_exception(error);
}

class OpenLoop {
public:
    explicit OpenLoop(const OpenLoopOptions& options) : options_(options)
    {
        if (options.requests.empty() || options.connections == 0)
            throw std::runtime_error("an open loop needs requests and connections");
        for (std::size_t number = 0; number < numbers; ++number) {
            ipc::Request request;
            request.id = std::uint64_t{number};
            request.operation = options.requests[number % options.requests.size()];
            request.timeout = options.timeout;
            request.client = "embed-bench";
            frames_.push_back(ipc::encode_frame(to_header(request)));
        }
        for (std::size_t i = 0; i < options.connections; ++i)
            lines_.push_back(std::make_unique<Line>(io_, options.socket));
    }

    OpenLoopResult run()
    {
        result_.due =
            static_cast<std::uint64_t>(options_.rate * std::chrono::duration<double>(options_.time).count());
        for (std::size_t i = 0; i < lines_.size(); ++i)
            asio::co_spawn(io_, write(*lines_[i], i), rethrow);
        io_.run_until(options_.begin + options_.time + options_.timeout + patience);
        for (const auto& line : lines_)
            result_.unanswered += line->under_way;
        return std::move(result_);
    }

private:
    struct Line {
        Line(asio::io_context& io, const std::filesystem::path& socket)
            : connection(io.get_executor(), socket), sent(numbers)
        {
        }

        FrameConnection connection;
        std::vector<steady_clock::time_point> sent; // by number
        std::uint64_t under_way = 0;
        bool writing = true;
    };

    [[nodiscard]] steady_clock::time_point due(std::uint64_t request) const
    {
        const auto seconds = std::chrono::duration<double>(static_cast<double>(request) / options_.rate);
        return options_.begin + std::chrono::duration_cast<steady_clock::duration>(seconds);
    }

    // Every so many requests is this line's, from `first` on.
    asio::awaitable<void> write(Line& line, std::uint64_t first)
    {
        const auto unreachable = co_await line.connection.connect(steady_clock::now() + connect_limit);
        if (unreachable)
            throw std::runtime_error(unreachable->error.message);
        asio::co_spawn(io_, read(line), rethrow);
        asio::steady_timer timer{io_};
        const auto end = options_.begin + options_.time;
        for (std::uint64_t request = first, number = 0; request < result_.due && line.connection.open();
             request += lines_.size(), number = (number + 1) % numbers) {
            if (due(request) > steady_clock::now()) {
                timer.expires_at(due(request));
                co_await timer.async_wait(asio::use_awaitable);
            }
            if (steady_clock::now() >= end)
                break;
            line.sent[number] = steady_clock::now();
            ++line.under_way;
            ++result_.sent;
            const auto broken = co_await line.connection.send(frames_[number]);
            if (broken)
                break; // its reader counts what is lost
        }
        line.writing = false;
        hang_up_if_done(line);
    }

    asio::awaitable<void> read(Line& line)
    {
        while (true) {
            const auto frame = co_await line.connection.receive();
            if (!frame) {
                if (line.under_way > 0)
                    result_.other["a broken connection"] += std::exchange(line.under_way, 0);
                line.connection.close();
                co_return;
            }
            count(line, *frame);
            hang_up_if_done(line);
        }
    }

    // Ends the line's reader, and with the last one the event loop.
    static void hang_up_if_done(Line& line)
    {
        if (!line.writing && line.under_way == 0)
            line.connection.close();
    }

    void count(Line& line, const ipc::Frame& frame)
    {
        const auto now = steady_clock::now();
        const auto reply = ipc::parse_reply<ipc::EmbedReply>(frame.header);
        if (line.under_way > 0)
            --line.under_way;
        if (!reply)
            return count(reply.error());
        const auto id = ipc::reply_id(frame.header);
        const auto* number = id ? std::get_if<std::uint64_t>(&*id) : nullptr;
        if (number == nullptr || *number >= numbers) {
            ++result_.other["an answer to no request"];
            return;
        }
        const auto took = now - line.sent[*number];
        result_.latency.record(std::chrono::duration_cast<microseconds>(took));
        ++(took <= options_.timeout ? result_.in_time : result_.late);
    }

    void count(const ipc::Error& error)
    {
        if (error.type == ipc::ErrorType::deadline_exceeded) {
            ++result_.deadline_exceeded;
        } else if (error.type == ipc::ErrorType::overloaded) {
            ++result_.overloaded;
            if (error.retry_after_ms)
                result_.retry_after.record(std::chrono::milliseconds{*error.retry_after_ms});
            else
                ++result_.overloaded_unhinted;
        } else {
            ++result_.other[std::string{to_string(error.type)}];
        }
    }

    const OpenLoopOptions& options_;
    std::vector<std::vector<std::byte>> frames_;
    OpenLoopResult result_;
    asio::io_context io_{1};
    std::vector<std::unique_ptr<Line>> lines_; // go before the event loop that their coroutines lie in
};

} // namespace

OpenLoopResult run_open_loop(const OpenLoopOptions& options)
{
    return OpenLoop{options}.run();
}

} // namespace embedd::bench
